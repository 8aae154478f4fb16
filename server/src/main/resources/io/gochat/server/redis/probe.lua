-- Writes as append.lua does, to a topic that nobody has: what Redis refuses is refused here too.
-- KEYS: messages, state, channel. ARGV: PUBLISH or SPUBLISH, for how long it stays in ms.
redis.call('XADD', KEYS[1], 'MAXLEN', 1, '*', 'm', '1')
redis.call('XTRIM', KEYS[1], 'MINID', '0-1')
redis.call('HSET', KEYS[2], 'last', '1')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[2])
redis.call(ARGV[1], KEYS[3], '')
return {}
