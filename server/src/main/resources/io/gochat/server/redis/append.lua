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
local call, find, match, pack = redis.call, string.find, string.match, struct.pack
local KEYS, ARGV = KEYS, ARGV
local time = call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local window, keep, age = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local earliest = math.min(now, tonumber(ARGV[1]))
local expired, unreadStays = earliest - age, earliest - tonumber(ARGV[10])
local perSender, mostInInbox, most = tonumber(ARGV[9]), tonumber(ARGV[11]), tonumber(ARGV[6])
local nowText = digits(now)

-- Which of the two hashes is written to. An id is found for at least a window after it was written, whichever window is
-- in force then: after a change of the window nothing is deleted until what was promised under the old one is over. Of all
-- that a topic has one string: the window it was written under, the shift of its parity, until when a change holds
-- everything, when the hash that is written to is given its expiry anew, and the window before which there is nothing.
local windowText = digits(window)
local index = math.floor(now / window)
local indexText, steady = digits(index), windowText .. ':0:0:'

local function rotate(first, state)
  if state.window == indexText and string.sub(state.dedupe or '', 1, #steady) == steady then
    -- As nearly always: nothing has changed, and nothing turns.
    local expiry, alone = match(state.dedupe, '^(%d+):(%d*)$', #steady + 1)
    state.shift, state.hold, state.expiry, state.alone, state.turned = 0, 0, tonumber(expiry), alone, indexText
    state.fresh = KEYS[first + 2 + index % 2]
    -- Whoever does not know that string may have turned the window: then it says nothing of what is older.
    state.older = alone ~= indexText and KEYS[first + 3 - index % 2]
    return
  end
  local before = tonumber(state.window or '-1')
  local span, shift, hold, expiry, alone = string.match(state.dedupe or '', '^(%d+):(%d+):(%d+):(%d+):(%d*)$')
  shift, hold = tonumber(shift or '0'), tonumber(hold or '0')
  state.hold, state.expiry, state.alone = hold, tonumber(expiry or '0'), alone or ''
  local changed = span ~= windowText
  if before >= 0 and span and changed then
    hold = math.max(hold, now + math.max(tonumber(span), window))
    shift = (index + before) % 2
    before = index + shift
    state.expiry, state.alone = 0, ''
  end
  local current = index + shift
  if current > before and now >= hold then
    changed = true
    if before < 0 then
      state.alone = digits(current)
    elseif hold > 0 then
      -- The first turn after a change is one turn, however many windows have passed.
      if (current - before) % 2 == 0 then
        shift = 1 - shift
        current = index + shift
      end
      hold = 0
      call('DEL', KEYS[first + 2 + current % 2])
    else
      call('DEL', KEYS[first + 2 + current % 2])
      if current > before + 1 then call('DEL', KEYS[first + 3 - current % 2]) end
    end
    if before >= 0 then state.alone = '' end
    state.expiry = 0
    before = current
  end
  if before < 0 then before = current end
  state.hold, state.shift, state.changed, state.turned = hold, shift, changed, digits(before)
  state.fresh = KEYS[first + 2 + before % 2]
  state.older = state.alone ~= state.turned and KEYS[first + 3 - before % 2]
end

local function dedupe(state)
  return windowText .. ':' .. digits(state.shift) .. ':' .. digits(state.hold) .. ':' .. digits(state.expiry) .. ':'
    .. state.alone
end

local answers = {nowText}

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

-- The earlier answer to a field, '' for none; without one, and where nothing can be refused any more, it is taken at once.
local function earlierAnswer(state, field, answer)
  local earlier = state.older and call('HGET', state.older, field)
  if earlier then return earlier end
  if answer and call('HSETNX', state.fresh, field, answer) == 1 then return '' end
  return call('HGET', state.fresh, field) or ''
end

local function append(first, from, messages, stride, outbox)
  local stream = KEYS[first]
  local known = stride == 5
    and call('HMGET', KEYS[first + 1], 'last', 'recent', 'window', 'dedupe', 'aged', 'counted')
    or call('HMGET', KEYS[first + 1], 'last', 'recent', 'window', 'dedupe', 'aged')
  local ended = known[1] or '0'
  local last = tonumber(ended)
  -- When it was appended to, and the last three calls, by their first message, with the end before them.
  local recent = known[2] or '0;'
  local id = ARGV[from + 2]
  if find(recent, id, 1, true) then
    local before = match(recent, '[;,]' .. id .. ':(%d+)')
    if before then return answerAgain(first, from, messages, stride, tonumber(before)) end
  end
  local at, earlierCalls = match(recent, '^(%d+);([^,]*,?[^,]*)')
  -- With room for what rotate adds: a table that grows costs more than what is put into it.
  local state = {window = known[3] or nil, dedupe = known[4] or nil, counted = known[6] or nil, shift = 0, hold = 0,
    expiry = 0, alone = '', turned = false, fresh = false, older = false}
  local inbox = stride == 5 and {state = state, read = readUpTo(first, last, ARGV[8])}
  local start = last + 1
  -- The stamps of a topic never go back.
  local stamp = nowText
  if tonumber(at) > now then stamp = at end
  local parts, n, size, wrote, seq, begin = {'', ''}, 0, 0, false, ended, nil
  local outcomes, refusals = nil, 0
  for i = from, from + stride * (messages - 1), stride do
    local field, bytes = ARGV[i], ARGV[i + 3]
    local nextSeq, earlier = digits(last + 1), ''
    if field ~= '' then
      if not state.fresh then rotate(first, state) end
      earlier = earlierAnswer(state, field, not inbox and ARGV[i + 1] .. ':' .. nextSeq .. ':' .. ARGV[i + 2])
    end
    local why = inbox and earlier == '' and refusal(first, inbox, ARGV[i + 4], last)
    if earlier ~= '' then
      local seen, rest = string.match(earlier, '^([^:]*):(.*)$')
      answers[#answers + 1] = seen == ARGV[i + 1] and 'd' .. rest or 'c'
    elseif why then
      answers[#answers + 1] = why
      refusals = refusals + 1
      outcomes = outcomes or {}
      outcomes[(i - from) / stride + 1] = why
    else
      if inbox then
        if state.counted == '1' and ARGV[i + 4] ~= '' then count(first, ARGV[i + 4], last) end
        if field ~= '' then
          call('HSET', state.fresh, field, ARGV[i + 1] .. ':' .. nextSeq .. ':' .. ARGV[i + 2])
        end
      end
      last, seq, begin = last + 1, nextSeq, begin or nextSeq
      -- The second half of the id is when it was appended: what retention by age looks at.
      call('XADD', stream, seq .. '-' .. stamp, 'm', bytes)
      wrote = wrote or field ~= ''
      answers[#answers + 1] = 'n' .. seq .. ':' .. ARGV[i + 2]
      parts[n + 1], parts[n + 2], n = pack('>I4', #bytes), bytes, n + 2
      size = size + #bytes
    end
  end

  if last < start then
    if state.changed then
      call('HSET', KEYS[first + 1], 'window', state.turned, 'dedupe', dedupe(state))
    elseif ARGV[7] == '1' then
      -- WAIT waits for what this connection wrote: without a write it would vouch for nothing.
      call('HSET', KEYS[first + 1], 'asked', nowText)
    end
    return
  end

  recent = stamp .. ';' .. id .. ':' .. ended .. ',' .. earlierCalls
  if wrote and now >= state.expiry then
    -- Seldom, so with room: an id must outlive two windows after it was written.
    call('PEXPIRE', state.fresh, digits(math.max(4 * window, state.hold - now + window)))
    state.expiry = now + window
    state.changed = true
  end
  if state.changed then
    call('HSET', KEYS[first + 1], 'last', seq, 'recent', recent, 'window', state.turned, 'dedupe', dedupe(state))
  else
    call('HSET', KEYS[first + 1], 'last', seq, 'recent', recent)
  end
  if refusals > 0 then
    for i = 1, messages do outcomes[i] = outcomes[i] or '.' end
    call('HSET', KEYS[first + COUNTS], 'again', id .. ':' .. table.concat(outcomes))
    call('PEXPIRE', KEYS[first + COUNTS], digits(age))
  end
  local oldest = last - keep + 1
  if inbox then oldest = firstToKeep(first, inbox.read, oldest, unreadStays) end
  local aged = tonumber(known[5] or '0')
  if now >= aged or aged > now + age then
    -- By age: look at most a hundred times per retention age, and drop a bounded number at a time.
    local wait = math.ceil(age / 100)
    local entries = call('XRANGE', stream, '-', '+', 'COUNT', 200)
    for i = 1, #entries do
      local seq, written = string.match(entries[i][1], '^(%d+)-(%d+)$')
      if tonumber(written) > expired then break end
      oldest = math.max(oldest, tonumber(seq) + 1)
      if i == 200 then wait = 0 end
    end
    call('PEXPIRE', stream, digits(age + 2 * wait + 1))
    call('HSET', KEYS[first + 1], 'aged', digits(now + wait))
  end
  if outbox then record(first, outbox, start, stamp, parts, size) end
  if oldest > 1 then
    local head = call('XRANGE', stream, '-', '+', 'COUNT', 1)
    if head[1] and tonumber(string.match(head[1][1], '^(%d+)')) < oldest then
      call('XTRIM', stream, 'MINID', digits(oldest))
    end
  end
  if size <= most then
    if n == 2 then
      call(ARGV[5], KEYS[first + 4], 'B' .. begin .. ':' .. stamp .. ':' .. parts[1] .. parts[2])
    else
      call(ARGV[5], KEYS[first + 4], 'B' .. begin .. ':' .. stamp .. ':' .. table.concat(parts))
    end
  else
    call(ARGV[5], KEYS[first + 4], 'E' .. seq)
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
