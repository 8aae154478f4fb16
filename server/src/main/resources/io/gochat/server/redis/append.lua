-- Appends batches to topics of one slot: dedupe, next sequences, append, trim, notify. All of it or, on an error, nothing:
-- Redis refuses for want of memory only before the first write of a script.
--
-- KEYS  per topic: messages, state, dedupe of even windows, dedupe of odd windows, channel; of an inbox also its owner's
--       positions, the ids there, and the counts of what is unread; of one that webhooks want also its records in the
--       outbox, the end of the outbox, its index of topics, and its bytes by topic
-- ARGV  the node's time in ms, dedupe window in ms, retention count, retention age in ms, PUBLISH or SPUBLISH,
--       largest notification that carries its messages, 1 if the caller will WAIT, epoch in force, how many messages of
--       one sender may be unread in an inbox (0: any number), for how many ms unread ones are not pushed out, how many
--       an inbox may hold; then per topic: the number of its messages, 'i' for an inbox or 'r' (capital
--       letters: webhooks want it), and per message: dedupe
--       field ('' for none), hash of the text, message id, serialized message without sequence, and in an inbox the
--       sender ('' for one that the bounds of users do not hold)
-- Returns the time of the batch, then per message: sequence and message id, with 'n' in front when it is new, 'd' for a
-- duplicate; or 'c' for a client message id that was used with another text, 'f' for a full inbox, 's' for a sender of
-- whom too much is unread.
--
-- The clock is that of Redis, the same for all nodes. Only what is deleted for its age must be old by both clocks.
local call = redis.call
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local window, keep, age = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local earliest = math.min(now, tonumber(ARGV[1]))
local expired, unreadStays = earliest - age, earliest - tonumber(ARGV[10])
local perSender, mostInInbox = tonumber(ARGV[9]), tonumber(ARGV[11])

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

local fields = {'last', 'window', 'aged', 'span', 'shift', 'hold', 'at', 'dexp', 'calls', 'counted'}
local answers = {digits(now)}

-- A call that comes again, because a client sent it anew on its own account, appends nothing and is answered as before.
-- The ids of its messages tell: those of a call are its own. What had no field got the next sequence, each in turn.
local function answerAgain(first, from, messages, stride, last)
  local refused = stride == 5 and redis.call('HGET', KEYS[first + COUNTS], 'again') or ''
  refused = string.match(refused or '', '^' .. ARGV[from + 2] .. ':(.*)$') or ''
  for i = from, from + stride * (messages - 1), stride do
    local field, id = ARGV[i], ARGV[i + 2]
    local why = string.sub(refused, (i - from) / stride + 1, (i - from) / stride + 1)
    local earlier = field ~= '' and (call('HGET', KEYS[first + 2], field) or call('HGET', KEYS[first + 3], field))
    local seen, rest = string.match(earlier or '', '^([^:]*):(.*)$')
    if why == 'f' or why == 's' then
      answers[#answers + 1] = why
    elseif not seen or string.match(rest, ':(.*)$') == id then
      last = last + 1
      answers[#answers + 1] = 'n' .. digits(last) .. ':' .. id
    else
      answers[#answers + 1] = seen == ARGV[i + 1] and 'd' .. rest or 'c'
    end
  end
end

-- Why a message of an inbox is not taken; nil: it is.
local function refusal(first, inbox, sender, last)
  if last - inbox.read >= mostInInbox and call('XLEN', KEYS[first]) >= mostInInbox then
    local oldest = firstToKeep(first, inbox.read, last - keep + 2, unreadStays)
    call('XTRIM', KEYS[first], 'MINID', digits(oldest))
    if call('XLEN', KEYS[first]) >= mostInInbox then return 'f' end
  end
  if sender == '' or not isCounted(first, inbox.state, inbox.read, last, perSender, age) then return nil end
  return not hasRoom(first, sender, inbox.read, last, perSender) and 's' or nil
end

-- For others to be told of it: a copy that nobody trims, in the same step as the message.
local function record(first, outbox, start, stamp, parts, size)
  local count = #parts / 2
  local position = call('INCRBY', KEYS[outbox + 1], count) - count
  for i = 1, count do
    call('XADD', KEYS[outbox], digits(position + i) .. '-0',
      's', digits(start + i - 1) .. ':' .. stamp .. ':' .. ARGV[8], 'm', parts[2 * i])
  end
  local topic = string.match(KEYS[first], '{(.-)}')
  call('ZADD', KEYS[outbox + 2], digits(position + count), topic)
  local bytes = tonumber(call('HGET', KEYS[outbox + 3], topic) or '0') + size + 100 * count
  call('HSET', KEYS[outbox + 3], topic, digits(bytes))
end

local function append(first, from, messages, stride, outbox)
  local known = call('HMGET', KEYS[first + 1], unpack(fields))
  local state = {changed = false}
  for i = 1, #fields do state[fields[i]] = known[i] or nil end
  local last = tonumber(state.last or '0')
  local before = state.calls and string.match(',' .. state.calls, ',' .. ARGV[from + 2] .. ':(%d+)')
  if before then return answerAgain(first, from, messages, stride, tonumber(before)) end
  local inbox = stride == 5 and {state = state, read = readUpTo(first, last, ARGV[8])}
  local start = last + 1
  -- The stamps of a topic never go back.
  local at = math.max(now, tonumber(state.at or '0'))
  local stamp = digits(at)
  local fresh, older
  local parts, size, wrote = {}, 0, false
  local outcomes, refusals = {}, 0
  for i = from, from + stride * (messages - 1), stride do
    local field, id, bytes = ARGV[i], ARGV[i + 2], ARGV[i + 3]
    local earlier = false
    if field ~= '' then
      if not fresh then fresh, older = rotate(first, state) end
      earlier = call('HGET', fresh, field) or call('HGET', older, field)
    end
    if earlier then
      local seen, rest = string.match(earlier, '^([^:]*):(.*)$')
      answers[#answers + 1] = seen == ARGV[i + 1] and 'd' .. rest or 'c'
      outcomes[#outcomes + 1] = '.'
    else
      local why = inbox and refusal(first, inbox, ARGV[i + 4], last)
      outcomes[#outcomes + 1] = why or '.'
      if why then
        answers[#answers + 1] = why
        refusals = refusals + 1
      else
        if inbox and inbox.state.counted == '1' and ARGV[i + 4] ~= '' then count(first, ARGV[i + 4], last) end
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
  if refusals > 0 then
    call('HSET', KEYS[first + COUNTS], 'again', ARGV[from + 2] .. ':' .. table.concat(outcomes))
    call('PEXPIRE', KEYS[first + COUNTS], digits(age))
  end
  local oldest = last - keep + 1
  if inbox then oldest = firstToKeep(first, inbox.read, oldest, unreadStays) end
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
  if outbox then record(first, outbox, start, stamp, parts, size) end
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

local first, from = 1, 12
while first <= #KEYS do
  local messages, kind = tonumber(ARGV[from]), string.lower(ARGV[from + 1])
  local stride, keys = kind == 'i' and 5 or 4, kind == 'i' and 8 or 5
  local isRecorded = kind ~= ARGV[from + 1]
  append(first, from + 2, messages, stride, isRecorded and first + keys)
  first = first + keys + (isRecorded and 4 or 0)
  from = from + 2 + stride * messages
end
return answers
