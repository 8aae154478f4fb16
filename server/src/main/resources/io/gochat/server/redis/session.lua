-- Writes a session with its expiry. KEYS: session. ARGV: user id, expiry as Unix time in ms, user name.
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'expires', ARGV[2], 'name', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return {}
