-- Records of a topic. KEYS: records. ARGV: from position, most records, most bytes beyond the first.
-- Returns per record: position, 'sequence:time:epoch', message.
local answer, size = {}, 0
local found = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
for i = 1, #found do
  size = size + #found[i][2][4]
  if i > 1 and size > tonumber(ARGV[3]) then break end
  answer[#answer + 1] = string.match(found[i][1], '^(%d+)')
  answer[#answer + 1] = found[i][2][2]
  answer[#answer + 1] = found[i][2][4]
end
return answer
