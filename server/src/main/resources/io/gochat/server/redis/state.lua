-- The bounds of a topic. KEYS: messages, state. ARGV: a sequence, or 0. Returns last sequence, first retained sequence,
-- the message at the sequence asked about, or '', and the id of the last message, or ''.
local last = redis.call('HGET', KEYS[2], 'last') or '0'
local head = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
local first = head[1] and string.match(head[1][1], '^(%d+)') or string.format('%.0f', tonumber(last) + 1)
local probed = ''
if ARGV[1] ~= '0' then
  local entry = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1], 'COUNT', 1)
  if entry[1] then probed = entry[1][2][2] end
end
local newest = last ~= '0' and redis.call('XRANGE', KEYS[1], last, last, 'COUNT', 1) or {}
return {last, first, probed, newest[1] and idOf(newest[1][2][2]) or ''}
