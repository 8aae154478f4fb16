-- Puts one value in the place of another, unless somebody was faster. KEYS: value. ARGV: what it was, what it is to be.
-- Returns 1, or 0 when it was something else.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return {0} end
redis.call('SET', KEYS[1], ARGV[2])
return {1}
