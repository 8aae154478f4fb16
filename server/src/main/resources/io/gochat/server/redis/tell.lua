-- Appends to a bounded stream that all nodes read, also to a Redis that is full: what is told there ends sessions and
-- replaces connections. KEYS: stream. ARGV: about so many entries are kept, then fields and values in turn. Returns the id.
-- Redis refuses for want of memory only before the first write of a script, and this one needs none.
redis.call('PERSIST', KEYS[1])
return {redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, 2))}
