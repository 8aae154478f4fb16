-- Merges an acknowledged position by maximum. KEYS: positions of a user, the ids of the messages there, the inbox.
-- ARGV: device field ('' for the anonymous device), epoch, sequence, most devices remembered, epoch in force. '*' is the
-- highest of all devices. The ids stand beside the positions, where the version before does not look.
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

local given, seq, inForce = ARGV[2], ARGV[3], ARGV[5]

local function put(field, epoch, at)
  redis.call('HSET', KEYS[1], field, epoch .. ':' .. at)
  local id = idAt(at)
  if id ~= '' then redis.call('HSET', KEYS[2], field, at .. ':' .. id) else redis.call('HDEL', KEYS[2], field) end
end

local function merge(field)
  local epoch, before, counts = stored(field, inForce)
  if epoch and (counts or epoch == given) then
    -- An acknowledgement that a change of the epoch overtook must not replace one that counts now.
    local further = not (counts and given ~= inForce) and tonumber(seq) > tonumber(before)
    if not further and epoch == inForce then return end
    put(field, counts and inForce or given, further and seq or before)
  else
    put(field, given, seq)
  end
end

merge('*')
if ARGV[1] == '' then return {} end
merge(ARGV[1])
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[4]) + 1 then
  -- Somebody makes devices up: the one that is furthest behind is forgotten.
  local all, victim, least = redis.call('HGETALL', KEYS[1]), nil, nil
  for i = 1, #all, 2 do
    local at = tonumber(string.match(all[i + 1], ':(%d+)$'))
    if all[i] ~= '*' and all[i] ~= ARGV[1] and (not least or at < least) then
      victim, least = all[i], at
    end
  end
  if victim then
    redis.call('HDEL', KEYS[1], victim)
    redis.call('HDEL', KEYS[2], victim)
  end
end
return {}
