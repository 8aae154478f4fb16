-- Moves the expiry of a session that exists. KEYS: session. ARGV: Unix time in ms. Returns 1 and its user, or 0.
local user = redis.call('HGET', KEYS[1], 'user')
if not user then return {0} end
redis.call('HSET', KEYS[1], 'expires', ARGV[1])
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return {1, tonumber(user)}
