-- In front of append.lua: an inbox is not a weapon. What its owner has not acknowledged is not pushed out by number for a
-- while, so one sender may have only so many messages unread there, and all together only ten times what is kept.
--
-- The counts, a hash of sender to number ':' sequence up to which what was read is counted off, exist only while much is
-- unread: below that nobody can be at the bound. They hold under 'again' what the last call was refused, too.
local COUNTED_FROM, LOOKED_AT, MOST_SENDERS = 1000, 2000, 1024
local INBOX, POSITIONS, POSITION_IDS, COUNTS = 0, 5, 6, 7

-- Numbers above 10^14 must not go through Lua's own formatting.
local format = string.format
local function digits(number) return format('%d', number) end

local function senderOf(bytes)
  local at, tag, value = 1, nil, nil
  while at <= #bytes do
    tag, at = varint(bytes, at)
    value, at = varint(bytes, at)
    if tag == 32 then return digits(value) end
    if tag % 8 == 2 then at = at + value end
  end
  return ''
end

-- How far the owner has read, for an inbox that ends at a sequence.
local function readUpTo(first, last, inForce)
  local _, seq, counts =
    stored(KEYS[first + INBOX], KEYS[first + POSITIONS], KEYS[first + POSITION_IDS], '*', inForce)
  return counts and math.min(tonumber(seq), last) or 0
end

-- The first that must stay, though all before it might go by their number: unread, and younger than that.
local function firstToKeep(first, read, keepFrom, youngerThan)
  local oldest = read + 1
  if oldest >= keepFrom then return keepFrom end
  local entries = redis.call(
    'XRANGE', KEYS[first + INBOX], digits(oldest), digits(keepFrom - 1), 'COUNT', LOOKED_AT)
  for i = 1, #entries do
    local seq, written = string.match(entries[i][1], '^(%d+)-(%d+)$')
    if tonumber(written) > youngerThan then return tonumber(seq) end
    oldest = tonumber(seq) + 1
  end
  return oldest
end

local function putCount(first, sender, number, to)
  redis.call('HSET', KEYS[first + COUNTS], sender, digits(number) .. ':' .. digits(to))
end

-- Those who sent least are forgotten; they are far from any bound.
local function forgetHalf(first)
  local all, senders = redis.call('HGETALL', KEYS[first + COUNTS]), {}
  for i = 1, #all, 2 do
    local number = tonumber(string.match(all[i + 1], '^(%d+):%d+$') or '')
    if number and all[i] ~= 'again' then senders[#senders + 1] = {all[i], number} end
  end
  table.sort(senders, function(a, b) return a[2] < b[2] end)
  for i = 1, math.floor(#senders / 2) do redis.call('HDEL', KEYS[first + COUNTS], senders[i][1]) end
end

-- Begins to count, with what is unread already.
local function beginCounting(first, read, last)
  local numbers = {}
  local entries = redis.call(
    'XREVRANGE', KEYS[first + INBOX], digits(last), digits(read + 1), 'COUNT', COUNTED_FROM)
  for i = 1, #entries do
    local sender = senderOf(entries[i][2][2])
    numbers[sender] = (numbers[sender] or 0) + 1
  end
  redis.call('DEL', KEYS[first + COUNTS])
  for sender, number in pairs(numbers) do putCount(first, sender, number, read) end
end

-- Whether senders of this inbox are counted now; state is what is known of it.
local function isCounted(first, state, read, last, most, age)
  if most == 0 or last - read < math.min(math.floor(most / 8), COUNTED_FROM) then
    if state.counted == '1' then
      redis.call('DEL', KEYS[first + COUNTS])
      redis.call('HSET', KEYS[first + 1], 'counted', '0')
      state.counted = '0'
    end
    return false
  end
  if state.counted ~= '1' then
    beginCounting(first, read, last)
    redis.call('HSET', KEYS[first + 1], 'counted', '1')
    state.counted = '1'
  end
  redis.call('PEXPIRE', KEYS[first + COUNTS], digits(age))
  return true
end

local function countOf(first, sender)
  local number, to = string.match(redis.call('HGET', KEYS[first + COUNTS], sender) or '', '^(%d+):(%d+)$')
  return tonumber(number or '0'), tonumber(to or '-1')
end

-- Whether a sender has room for one more.
local function hasRoom(first, sender, read, last, most)
  local number, to = countOf(first, sender)
  if number < most then return true end
  if read > to then
    local upTo = math.min(read, to + LOOKED_AT)
    local entries = redis.call('XRANGE', KEYS[first + INBOX], digits(to + 1), digits(upTo))
    for i = 1, #entries do
      if senderOf(entries[i][2][2]) == sender then number = number - 1 end
    end
    -- What was read may be gone already.
    number = math.min(number, last - read)
    putCount(first, sender, number, upTo)
  end
  return number < most
end

-- A sender has one more behind a sequence.
local function count(first, sender, last)
  local number, to = countOf(first, sender)
  putCount(first, sender, number + 1, to < 0 and last or to)
  if to < 0 and redis.call('HLEN', KEYS[first + COUNTS]) > MOST_SENDERS then forgetHalf(first) end
end
