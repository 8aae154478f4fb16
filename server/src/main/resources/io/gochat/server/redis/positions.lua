-- In front of the scripts about acknowledged positions, whose keys are: positions of a user, the ids of the messages
-- there, the inbox.
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
