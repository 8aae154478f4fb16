-- The topics with records behind a position. KEYS: index of topics by their newest record, bytes by topic, end of the outbox.
-- ARGV: position, most topics, what stands in front of a topic's name and behind it in the name of its records, or '' when
-- their oldest positions are not asked for. Returns the end, then per topic: name, newest position, bytes, oldest position.
local found = redis.call('ZRANGE', KEYS[1], '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
local answer = {redis.call('GET', KEYS[3]) or '0'}
for i = 1, #found, 2 do
  local oldest = '0'
  if ARGV[3] ~= '' then
    local head = redis.call('XRANGE', ARGV[3] .. found[i] .. ARGV[4], '-', '+', 'COUNT', 1)
    oldest = head[1] and string.match(head[1][1], '^(%d+)') or '0'
  end
  answer[#answer + 1] = found[i]
  answer[#answer + 1] = string.format('%.0f', tonumber(found[i + 1]))
  answer[#answer + 1] = redis.call('HGET', KEYS[2], found[i]) or '0'
  answer[#answer + 1] = oldest
end
return answer
