-- Takes or renews a lease. KEYS: lease. ARGV: owner, length in ms. Returns 1, or 0 and what is left of another owner's.
local owner = redis.call('GET', KEYS[1])
if not owner or owner == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {1, 0}
end
return {0, redis.call('PTTL', KEYS[1])}
