-- Takes or renews a lease, also in a Redis that is full (see tell.lua). KEYS: lease. ARGV: owner, length in ms.
-- Returns 1, or 0 and what is left of another owner's.
local owner = redis.call('GET', KEYS[1])
if owner == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {1, 0}
elseif not owner then
  redis.call('PERSIST', KEYS[1])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {1, 0}
end
return {0, redis.call('PTTL', KEYS[1])}
