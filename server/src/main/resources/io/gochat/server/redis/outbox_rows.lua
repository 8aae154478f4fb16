-- Rows of a table by name. KEYS: rows, their names. ARGV: where names begin ('[' or '(' in front), most rows.
-- Returns per row: name, value.
local answer = {}
for _, name in ipairs(redis.call('ZRANGE', KEYS[2], ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2])) do
  answer[#answer + 1] = name
  answer[#answer + 1] = redis.call('HGET', KEYS[1], name) or ''
end
return answer
