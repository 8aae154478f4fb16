-- Appends batches to topics of one slot: dedupe, next sequences, append, trim, notify. All of it or, on an error, nothing:
-- Redis refuses for want of memory only before the first write of a script.
--
-- KEYS  per topic: messages, state, dedupe of even windows, dedupe of odd windows, channel
-- ARGV  the node's time in ms, dedupe window in ms, retention count, retention age in ms, PUBLISH or SPUBLISH,
--       largest notification that carries its messages, 1 if the caller will WAIT; then per topic: the number of its
--       messages, and per message: dedupe field ('' for none), hash of the text, message id, serialized message without
--       sequence
-- Returns the time of the batch, then per message: sequence and message id, with 'n' in front when it is new, 'd' for a
-- duplicate, or 'c' for a client message id that was used with another text.
--
-- The clock is that of Redis, the same for all nodes. Only what is deleted for its age must be old by both clocks.
local call = redis.call
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local window, keep, age = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local expired = math.min(now, tonumber(ARGV[1])) - age

-- Numbers above 10^14 must not go through Lua's own formatting.
local function digits(number) return string.format('%.0f', number) end

-- Which of the two hashes is written to. An id is found for at least a window after it was written, whichever window is
-- in force then: after a change of the window nothing is deleted until what was promised under the old one is over.
local function rotate(first, state)
  local before = tonumber(state.window or '-1')
  local span, shift, hold = tonumber(state.span or '0'), tonumber(state.shift or '0'), tonumber(state.hold or '0')
  if before >= 0 and span ~= 0 and span ~= window then
    state.changed = true
    hold = math.max(hold, now + math.max(span, window))
    local index = math.floor(now / window)
    shift = (index + before) % 2
    before = index + shift
    state.window, state.shift, state.hold = digits(before), digits(shift), digits(hold)
    state.span, state.dexp = digits(window), '0'
  elseif span == 0 then
    state.changed = true
    state.span = digits(window)
  end
  local current = math.floor(now / window) + shift
  if current > before and now >= hold then
    state.changed = true
    if before >= 0 then
      if hold > 0 then
        -- The first turn after a change is one turn, however many windows have passed.
        if (current - before) % 2 == 0 then
          shift = 1 - shift
          current = math.floor(now / window) + shift
        end
        state.hold, state.shift = '0', digits(shift)
        call('DEL', KEYS[first + 2 + current % 2])
      else
        call('DEL', KEYS[first + 2 + current % 2])
        if current > before + 1 then call('DEL', KEYS[first + 3 - current % 2]) end
      end
    end
    state.window = digits(current)
    state.dexp = '0'
    before = current
  end
  if before < 0 then before = current end
  return KEYS[first + 2 + before % 2], KEYS[first + 3 - before % 2]
end

local fields = {'last', 'window', 'aged', 'span', 'shift', 'hold', 'at', 'dexp', 'calls'}
local answers = {digits(now)}

-- A call that comes again, because a client sent it anew on its own account, appends nothing and is answered as before.
-- The ids of its messages tell: those of a call are its own. What had no field got the next sequence, each in turn.
local function answerAgain(first, from, count, last)
  for i = from, from + 4 * (count - 1), 4 do
    local field, id = ARGV[i], ARGV[i + 2]
    local earlier = field ~= '' and (call('HGET', KEYS[first + 2], field) or call('HGET', KEYS[first + 3], field))
    local seen, rest = string.match(earlier or '', '^([^:]*):(.*)$')
    if not seen or string.match(rest, ':(.*)$') == id then
      last = last + 1
      answers[#answers + 1] = 'n' .. digits(last) .. ':' .. id
    else
      answers[#answers + 1] = seen == ARGV[i + 1] and 'd' .. rest or 'c'
    end
  end
end

local function append(first, from, count)
  local known = call('HMGET', KEYS[first + 1], unpack(fields))
  local state = {changed = false}
  for i = 1, #fields do state[fields[i]] = known[i] or nil end
  local last = tonumber(state.last or '0')
  local before = state.calls and string.match(',' .. state.calls, ',' .. ARGV[from + 2] .. ':(%d+)')
  if before then return answerAgain(first, from, count, tonumber(before)) end
  local start = last + 1
  -- The stamps of a topic never go back.
  local at = math.max(now, tonumber(state.at or '0'))
  local stamp = digits(at)
  local fresh, older
  local parts, size, wrote = {}, 0, false
  for i = from, from + 4 * (count - 1), 4 do
    local field, id, bytes = ARGV[i], ARGV[i + 2], ARGV[i + 3]
    local earlier = false
    if field ~= '' then
      if not fresh then fresh, older = rotate(first, state) end
      earlier = call('HGET', fresh, field) or call('HGET', older, field)
    end
    if earlier then
      local seen, rest = string.match(earlier, '^([^:]*):(.*)$')
      answers[#answers + 1] = seen == ARGV[i + 1] and 'd' .. rest or 'c'
    else
      last = last + 1
      local seq = digits(last)
      -- The second half of the id is when it was appended: what retention by age looks at.
      call('XADD', KEYS[first], seq .. '-' .. stamp, 'm', bytes)
      if field ~= '' then
        call('HSET', fresh, field, ARGV[i + 1] .. ':' .. seq .. ':' .. id)
        wrote = true
      end
      answers[#answers + 1] = 'n' .. seq .. ':' .. id
      parts[#parts + 1] = struct.pack('>I4', #bytes)
      parts[#parts + 1] = bytes
      size = size + #bytes
    end
  end

  if last < start then
    if state.changed then
      call('HSET', KEYS[first + 1], 'window', state.window or '0', 'span', state.span, 'shift', state.shift or '0',
        'hold', state.hold or '0', 'dexp', state.dexp or '0')
    elseif ARGV[7] == '1' then
      -- WAIT waits for what this connection wrote: without a write it would vouch for nothing.
      call('HSET', KEYS[first + 1], 'asked', digits(now))
    end
    return
  end

  -- The last three calls, by their first message, with the end before them.
  local calls = {ARGV[from + 2] .. ':' .. digits(start - 1)}
  for earlier in string.gmatch(state.calls or '', '[^,]+') do
    if #calls < 3 then calls[#calls + 1] = earlier end
  end
  local update = {'last', digits(last), 'at', stamp, 'calls', table.concat(calls, ',')}
  local function set(field, value)
    update[#update + 1] = field
    update[#update + 1] = value
  end
  if wrote and now >= tonumber(state.dexp or '0') then
    -- Seldom, so with room: an id must outlive two windows after it was written.
    call('PEXPIRE', fresh, digits(math.max(4 * window, tonumber(state.hold or '0') - now + window)))
    state.dexp = digits(now + window)
    state.changed = true
  end
  if state.changed then
    set('window', state.window or '0')
    set('span', state.span)
    set('shift', state.shift or '0')
    set('hold', state.hold or '0')
    set('dexp', state.dexp or '0')
  end
  local oldest = last - keep + 1
  if now >= tonumber(state.aged or '0') or tonumber(state.aged or '0') > now + age then
    -- By age: look at most a hundred times per retention age, and drop a bounded number at a time.
    local wait = math.ceil(age / 100)
    local entries = call('XRANGE', KEYS[first], '-', '+', 'COUNT', 200)
    for i = 1, #entries do
      local seq, written = string.match(entries[i][1], '^(%d+)-(%d+)$')
      if tonumber(written) > expired then break end
      oldest = math.max(oldest, tonumber(seq) + 1)
      if i == 200 then wait = 0 end
    end
    call('PEXPIRE', KEYS[first], digits(age + 2 * wait + 1))
    set('aged', digits(now + wait))
  end
  call('HSET', KEYS[first + 1], unpack(update))
  if oldest > 1 then
    local head = call('XRANGE', KEYS[first], '-', '+', 'COUNT', 1)
    if head[1] and tonumber(string.match(head[1][1], '^(%d+)')) < oldest then
      call('XTRIM', KEYS[first], 'MINID', digits(oldest))
    end
  end
  if size <= tonumber(ARGV[6]) then
    call(ARGV[5], KEYS[first + 4], 'B' .. digits(start) .. ':' .. stamp .. ':' .. table.concat(parts))
  else
    call(ARGV[5], KEYS[first + 4], 'E' .. digits(last))
  end
end

local from = 8
for first = 1, #KEYS, 5 do
  local count = tonumber(ARGV[from])
  append(first, from + 1, count)
  from = from + 1 + 4 * count
end
return answers
