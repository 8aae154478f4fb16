-- What was told. All of it or, when another node leads or this is another life of Redis, nothing: positions of one past must
-- not delete what has them in another.
-- KEYS: lease, index of topics, bytes by topic, begins, then per table its rows and their names, then records of topics.
-- ARGV: owner, run id of Redis that positions are of, then in turn: 'row', number of the key of the rows, name, value ('' when it goes); 'begin', name that is
-- forgotten; 'trim', number of the key of the records, name of the topic, last position that goes, bytes that go.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('NOTLEADING another node tells webhooks') end
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
if run ~= ARGV[2] then return redis.error_reply('NOTLEADING Redis was restarted') end
local at = 3
while at <= #ARGV do
  local what = ARGV[at]
  if what == 'row' then
    local key = tonumber(ARGV[at + 1])
    if ARGV[at + 3] == '' then
      redis.call('HDEL', KEYS[key], ARGV[at + 2])
      redis.call('ZREM', KEYS[key + 1], ARGV[at + 2])
    else
      redis.call('HSET', KEYS[key], ARGV[at + 2], ARGV[at + 3])
      redis.call('ZADD', KEYS[key + 1], 0, ARGV[at + 2])
    end
    at = at + 4
  elseif what == 'begin' then
    redis.call('HDEL', KEYS[4], ARGV[at + 1])
    at = at + 2
  else
    local records, topic = KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2]
    redis.call('XTRIM', records, 'MINID', string.format('%.0f', tonumber(ARGV[at + 3]) + 1))
    if redis.call('XLEN', records) == 0 then
      redis.call('DEL', records)
      redis.call('ZREM', KEYS[2], topic)
      redis.call('HDEL', KEYS[3], topic)
    else
      local bytes = tonumber(redis.call('HGET', KEYS[3], topic) or '0') - tonumber(ARGV[at + 4])
      redis.call('HSET', KEYS[3], topic, string.format('%.0f', math.max(0, bytes)))
    end
    at = at + 5
  end
end
return {}
