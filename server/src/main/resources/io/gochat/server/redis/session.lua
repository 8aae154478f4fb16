-- Writes a session with its expiry. KEYS: session. ARGV: user id, expiry as Unix time in ms, user name, when it was opened
-- as Unix time in ms, generation of its owner's logins.
redis.call('HSET', KEYS[1], 'user', ARGV[1], 'expires', ARGV[2], 'name', ARGV[3], 'opened', ARGV[4], 'generation', ARGV[5])
redis.call('PEXPIREAT', KEYS[1], ARGV[2])
return {}
