-- A device's acknowledged position, else the highest of all. KEYS: the inbox, positions of its owner, the ids of the
-- messages there. ARGV: device field ('' for none), epoch in force. Returns nothing, or the epoch (the one in force, if it counts in
-- that) and the sequence.

local function answer(field)
  local epoch, seq, counts = stored(KEYS[1], KEYS[2], KEYS[3], field, ARGV[2])
  if not epoch then return nil end
  if epoch == ARGV[2] and redis.call('HEXISTS', KEYS[3], field) == 0 then
    local id = idAt(KEYS[1], seq)
    -- One from before there were ids; a Redis that is full does not take it, which is no reason not to answer.
    if id ~= '' then redis.pcall('HSET', KEYS[3], field, seq .. ':' .. id) end
  end
  return {counts and ARGV[2] or epoch, seq}
end
return ARGV[1] ~= '' and answer(ARGV[1]) or answer('*') or {}
