-- A device's acknowledged position, else the highest of all. KEYS: positions of a user, the ids of the messages there, the
-- inbox. ARGV: device field ('' for none), epoch in force. Returns nothing, or the epoch (the one in force, if it counts in
-- that) and the sequence.
-- The id of a stored message: its first field, a number in groups of seven bits.
local function idOf(bytes)
  local id, scale, at = 0, 1, 2
  if string.byte(bytes, 1) ~= 8 then return '' end
  while true do
    local group = string.byte(bytes, at)
    if not group then return '' end
    id = id + group % 128 * scale
    if group < 128 then return string.format('%.0f', id) end
    scale, at = scale * 128, at + 1
  end
end

local function idAt(seq)
  local entry = seq ~= '0' and redis.call('XRANGE', KEYS[3], seq, seq, 'COUNT', 1) or {}
  return entry[1] and idOf(entry[1][2][2]) or ''
end

-- Epoch, sequence, and whether it counts in the epoch in force: because it is of that, or because the message there is
-- still the one that was acknowledged.
local function stored(field, inForce)
  local known = redis.call('HGET', KEYS[1], field)
  if not known then return nil end
  local epoch, seq = string.match(known, '^(%d+):(%d+)$')
  if epoch == inForce then return epoch, seq, true end
  local noted, id = string.match(redis.call('HGET', KEYS[2], field) or '', '^(%d+):(%d+)$')
  return epoch, seq, noted == seq and id == idAt(seq)
end

local function answer(field)
  local epoch, seq, counts = stored(field, ARGV[2])
  if not epoch then return nil end
  if epoch == ARGV[2] and redis.call('HEXISTS', KEYS[2], field) == 0 then
    local id = idAt(seq)
    -- One from before there were ids; a Redis that is full does not take it, which is no reason not to answer.
    if id ~= '' then redis.pcall('HSET', KEYS[2], field, seq .. ':' .. id) end
  end
  return {counts and ARGV[2] or epoch, seq}
end
return ARGV[1] ~= '' and answer(ARGV[1]) or answer('*') or {}
