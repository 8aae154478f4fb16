-- The bounds of a topic. KEYS: messages, state. ARGV: a sequence, or 0. Returns last sequence, first retained sequence,
-- and the message at the sequence asked about, or ''.
local last = redis.call('HGET', KEYS[2], 'last') or '0'
local head = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
local first = head[1] and string.match(head[1][1], '^(%d+)') or string.format('%.0f', tonumber(last) + 1)
local probed = ''
if ARGV[1] ~= '0' then
  local entry = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1], 'COUNT', 1)
  if entry[1] then probed = entry[1][2][2] end
end
return {last, first, probed}
