-- Which commands of our scripts this user may not use: what a script is refused says that, but not which.
-- KEYS: a key that is nobody's. ARGV: PUBLISH or SPUBLISH, a channel.
local key = KEYS[1]
local tries = {
  {'EXISTS', key}, {'GET', key}, {'HDEL', key, 'x'}, {'HEXISTS', key, 'x'}, {'HGET', key, 'x'}, {'HGETALL', key},
  {'HLEN', key}, {'HMGET', key, 'x'}, {'HSET', key, 'x', '1'}, {'HSETNX', key, 'x', '1'}, {'INCRBY', key, 'x'}, {'INFO', 'server'}, {'PERSIST', key},
  {'PEXPIRE', key, '1000'}, {'PEXPIREAT', key, 'x'}, {'PTTL', key}, {'SET', key, '1', 'NX'}, {'TIME'},
  {'XADD', key, 'x', 'm', '1'}, {'XLEN', key}, {'XRANGE', key, '-', '+'}, {'XREVRANGE', key, '+', '-'},
  {'XTRIM', key, 'MAXLEN', 'x'}, {'ZADD', key, 'x', 'x'}, {'ZRANGE', key, '0', '0'}, {'ZREM', key, 'x'},
  {'ZREMRANGEBYRANK', key, 'x', 'x'}, {'ZREMRANGEBYSCORE', key, 'x', 'x'}, {'ZSCORE', key, 'x'},
  {ARGV[1], ARGV[2], ''}, {'DEL', key},
}
local missing = {}
for i = 1, #tries do
  local answer = redis.pcall(unpack(tries[i]))
  local error = type(answer) == 'table' and answer.err or ''
  if string.find(error, "can't run this command", 1, true) or string.find(error, 'NOPERM', 1, true)
      or string.find(error, 'ACL failure', 1, true) then
    missing[#missing + 1] = string.lower(tries[i][1])
  end
end
return missing
