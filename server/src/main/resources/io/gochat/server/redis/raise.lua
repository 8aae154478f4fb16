-- Raises a counter that went back, far beyond what other nodes may have reserved. KEYS: counter. ARGV: the least that it
-- was, by how much to go beyond that. Returns what it was found at.
local known = tonumber(redis.call('GET', KEYS[1]) or '0')
local least = tonumber(ARGV[1])
if known < least then redis.call('SET', KEYS[1], string.format('%.0f', least + tonumber(ARGV[2]))) end
return {string.format('%.0f', known)}
