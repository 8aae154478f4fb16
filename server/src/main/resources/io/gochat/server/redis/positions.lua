-- In front of the scripts that ask how far the owner of an inbox has read. Keys are the inbox, positions of a user, the ids
-- of the messages there.
local function idAt(inbox, seq)
  local entry = seq ~= '0' and redis.call('XRANGE', inbox, seq, seq, 'COUNT', 1) or {}
  return entry[1] and idOf(entry[1][2][2]) or ''
end

-- Epoch, sequence, and whether it counts in the epoch in force: because it is of that, or because the message there is
-- still the one that was acknowledged.
local function stored(inbox, positions, ids, field, inForce)
  local known = redis.call('HGET', positions, field)
  if not known then return nil end
  local epoch, seq = string.match(known, '^(%d+):(%d+)$')
  if epoch == inForce then return epoch, seq, true end
  local noted, id = string.match(redis.call('HGET', ids, field) or '', '^(%d+):(%d+)$')
  return epoch, seq, noted == seq and id == idAt(inbox, seq)
end
