-- The clock of the node that has this key. KEYS: any. Returns seconds and microseconds.
return redis.call('TIME')
