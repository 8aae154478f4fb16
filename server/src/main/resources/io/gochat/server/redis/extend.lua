-- Moves the expiry of a session that exists. KEYS: session. ARGV: Unix time in ms.
if redis.call('EXISTS', KEYS[1]) == 0 then return {0} end
redis.call('HSET', KEYS[1], 'expires', ARGV[1])
redis.call('PEXPIREAT', KEYS[1], ARGV[1])
return {1}
