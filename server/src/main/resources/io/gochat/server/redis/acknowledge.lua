-- Merges an acknowledged position by maximum. KEYS: positions of a user. ARGV: device field ('' for the anonymous
-- device), epoch, sequence, most devices remembered. '*' is the highest of all devices.
local function merge(field)
  local known = redis.call('HGET', KEYS[1], field)
  if known then
    local epoch, seq = string.match(known, '^(%d+):(%d+)$')
    if epoch == ARGV[2] and tonumber(seq) >= tonumber(ARGV[3]) then return end
  end
  redis.call('HSET', KEYS[1], field, ARGV[2] .. ':' .. ARGV[3])
end
merge('*')
if ARGV[1] == '' then return {} end
merge(ARGV[1])
if redis.call('HLEN', KEYS[1]) > tonumber(ARGV[4]) + 1 then
  -- Somebody makes devices up: the one that is furthest behind is forgotten.
  local all, victim, least = redis.call('HGETALL', KEYS[1]), nil, nil
  for i = 1, #all, 2 do
    local seq = tonumber(string.match(all[i + 1], ':(%d+)$'))
    if all[i] ~= '*' and all[i] ~= ARGV[1] and (not least or seq < least) then
      victim, least = all[i], seq
    end
  end
  if victim then redis.call('HDEL', KEYS[1], victim) end
end
return {}
