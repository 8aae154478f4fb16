-- Appends a batch to one topic: dedupe, next sequences, append, trim, notify. All of it or, on an error, nothing:
-- Redis refuses for want of memory only before the first write of a script.
--
-- KEYS  messages, state, dedupe of even windows, dedupe of odd windows, channel
-- ARGV  now in ms, dedupe window in ms, retention count, retention age in ms, PUBLISH or SPUBLISH,
--       largest notification that carries its messages, 1 if the caller will WAIT,
--       then per message: dedupe field ('' for none), hash of the text, message id, serialized message without sequence
-- Returns per message: sequence and message id, with 'n' in front when it is new, 'd' for a duplicate, or 'c' for a
-- client message id that was used with another text.
local now, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local keep, age = tonumber(ARGV[3]), tonumber(ARGV[4])
local known = redis.call('HMGET', KEYS[2], 'last', 'window', 'aged')
local last = tonumber(known[1] or '0')

-- Numbers above 10^14 must not go through Lua's own formatting.
local function digits(number) return string.format('%.0f', number) end

-- The window only ever moves forward: a node whose clock is behind uses the one in force.
local current = math.floor(now / window)
local before = tonumber(known[2] or '-1')
if current > before then
  redis.call('HSET', KEYS[2], 'window', digits(current))
  if before >= 0 then
    redis.call('DEL', KEYS[3 + current % 2])
    if current > before + 1 then redis.call('DEL', KEYS[4 - current % 2]) end
  end
else
  current = before
end
local fresh, older = KEYS[3 + current % 2], KEYS[4 - current % 2]

local answers, parts, size, first = {}, {}, 0, last + 1
for i = 8, #ARGV, 4 do
  local field, hash, id, bytes = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
  local earlier = false
  if field ~= '' then
    earlier = redis.call('HGET', fresh, field) or redis.call('HGET', older, field)
  end
  if earlier then
    local seen, rest = string.match(earlier, '^([^:]*):(.*)$')
    answers[#answers + 1] = seen == hash and 'd' .. rest or 'c'
  else
    last = last + 1
    local seq = digits(last)
    -- The second half of the id is when it was appended: what retention by age looks at.
    redis.call('XADD', KEYS[1], seq .. '-' .. digits(now), 'm', bytes)
    if field ~= '' then
      redis.call('HSET', fresh, field, hash .. ':' .. seq .. ':' .. id)
    end
    answers[#answers + 1] = 'n' .. seq .. ':' .. id
    parts[#parts + 1] = struct.pack('>I4', #bytes)
    parts[#parts + 1] = bytes
    size = size + #bytes
  end
end

if last >= first then
  redis.call('HSET', KEYS[2], 'last', digits(last))
  -- Twice the window covers everything; it is counted from the last write.
  redis.call('PEXPIRE', fresh, digits(2 * window))
  redis.call('PEXPIRE', KEYS[1], digits(age))
  local oldest = last - keep + 1
  if now >= tonumber(known[3] or '0') then
    -- By age: look at most a hundred times per retention age, and drop a bounded number at a time.
    local wait = math.ceil(age / 100)
    local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 200)
    for i = 1, #entries do
      local seq, at = string.match(entries[i][1], '^(%d+)-(%d+)$')
      if tonumber(at) > now - age then break end
      oldest = math.max(oldest, tonumber(seq) + 1)
      if i == 200 then wait = 0 end
    end
    redis.call('HSET', KEYS[2], 'aged', digits(now + wait))
  end
  if oldest > 1 then redis.call('XTRIM', KEYS[1], 'MINID', digits(oldest)) end
  if size <= tonumber(ARGV[6]) then
    redis.call(ARGV[5], KEYS[5], 'B' .. digits(first) .. ':' .. table.concat(parts))
  else
    redis.call(ARGV[5], KEYS[5], 'E' .. digits(last))
  end
elseif ARGV[7] == '1' then
  -- WAIT waits for what this connection wrote: without a write it would vouch for nothing.
  redis.call('HSET', KEYS[2], 'asked', digits(now))
end
return answers
