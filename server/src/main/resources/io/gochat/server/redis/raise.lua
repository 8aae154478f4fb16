-- Raises a counter that went back, or that may have: in another life of Redis (a restart, another master) nobody knows
-- what the one before had given out. KEYS: counter. ARGV: the least that it was, by how much to go beyond that, the run id
-- of Redis that was seen before ('' for none). Returns what it was found at, and the run id of Redis.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local known, least = tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1])
redis.call('PERSIST', KEYS[1]) -- also in a Redis that is full, see tell.lua
if known < least or (ARGV[3] ~= '' and ARGV[3] ~= run) then
  redis.call('SET', KEYS[1], string.format('%.0f', math.max(known, least) + tonumber(ARGV[2])))
end
return {string.format('%.0f', known), run}
