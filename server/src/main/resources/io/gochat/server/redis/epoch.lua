-- Replaces the epoch, unless another node was faster. KEYS: epoch. ARGV: the one that was in force ('' for none), a new
-- one. Returns the one in force now.
local known = redis.call('GET', KEYS[1])
if (known or '') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return {ARGV[2]}
end
return {known}
