-- Reads a topic. KEYS: messages, state. ARGV: from sequence, at most so many, and beyond the first at most so many
-- bytes. Returns last sequence, first retained sequence (after the last when nothing is), then the id (sequence and time)
-- and the bytes of each message.
local last = redis.call('HGET', KEYS[2], 'last') or '0'
local function seqOf(id) return string.match(id, '^(%d+)') end
local head = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
local first = head[1] and seqOf(head[1][1]) or string.format('%.0f', tonumber(last) + 1)
local answer = {last, first}
local from, left, room = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
while left > 0 do
  local wanted = math.min(left, 64)
  local entries = redis.call('XRANGE', KEYS[1], from, '+', 'COUNT', wanted)
  for i = 1, #entries do
    local id, bytes = entries[i][1], entries[i][2][2]
    room = room - #bytes
    if room < 0 and #answer > 2 then return answer end
    answer[#answer + 1] = id
    answer[#answer + 1] = bytes
  end
  if #entries < wanted then return answer end
  left = left - wanted
  from = string.format('%.0f', tonumber(seqOf(answer[#answer - 1])) + 1)
end
return answer
