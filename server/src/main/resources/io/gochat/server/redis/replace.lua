-- Replaces a value, unless another node was faster; also in a Redis that is full, see tell.lua. KEYS: epoch or format.
-- ARGV: the value that was in force ('' for none), a new one. Returns the one in force now.
local known = redis.call('GET', KEYS[1])
if (known or '') == ARGV[1] then
  redis.call('PERSIST', KEYS[1])
  redis.call('SET', KEYS[1], ARGV[2])
  return {ARGV[2]}
end
return {known}
