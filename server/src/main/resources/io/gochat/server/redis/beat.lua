-- A node says that it is alive. KEYS: nodes, by the time of their last beat. ARGV: node, lease in ms.
-- Returns 1 if the node was known and its lease had not run out, else 0; then the nodes whose lease runs.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local oldest = now - tonumber(ARGV[2])
local before = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or '0')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', oldest))
redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
local answer = redis.call('ZRANGE', KEYS[1], 0, -1)
table.insert(answer, 1, before > oldest and 1 or 0)
return answer
