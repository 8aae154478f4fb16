-- Merges an acknowledged position by maximum. KEYS: the inbox, positions of its owner, the ids of the messages there.
-- ARGV: device field ('' for the anonymous device), epoch, sequence, most devices remembered, epoch in force. '*' is the
-- highest of all devices. The ids stand beside the positions, where the version before does not look.

local given, seq, inForce = ARGV[2], ARGV[3], ARGV[5]

local function put(field, epoch, at)
  redis.call('HSET', KEYS[2], field, epoch .. ':' .. at)
  local id = idAt(KEYS[1], at)
  if id ~= '' then redis.call('HSET', KEYS[3], field, at .. ':' .. id) else redis.call('HDEL', KEYS[3], field) end
end

local function merge(field)
  local epoch, before, counts = stored(KEYS[1], KEYS[2], KEYS[3], field, inForce)
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
if redis.call('HLEN', KEYS[2]) > tonumber(ARGV[4]) + 1 then
  -- Somebody makes devices up: the one that is furthest behind is forgotten.
  local all, victim, least = redis.call('HGETALL', KEYS[2]), nil, nil
  for i = 1, #all, 2 do
    local at = tonumber(string.match(all[i + 1], ':(%d+)$'))
    if all[i] ~= '*' and all[i] ~= ARGV[1] and (not least or at < least) then
      victim, least = all[i], at
    end
  end
  if victim then
    redis.call('HDEL', KEYS[2], victim)
    redis.call('HDEL', KEYS[3], victim)
  end
end
return {}
