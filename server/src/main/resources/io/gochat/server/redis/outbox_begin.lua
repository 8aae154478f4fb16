-- Where a name begins in the outbox: at its end, when it is asked for first. KEYS: begins, end of the outbox. ARGV: name.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known then
  known = redis.call('GET', KEYS[2]) or '0'
  redis.call('HSET', KEYS[1], ARGV[1], known)
end
return {known}
