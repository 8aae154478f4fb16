-- Takes a block of ids, unless this is another life of Redis than the one that the caller has compared with.
-- KEYS: counter. ARGV: how many, the run id that is expected. Returns the last id of the block, or 0.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
if run ~= ARGV[2] then return {'0'} end
return {string.format('%.0f', redis.call('INCRBY', KEYS[1], ARGV[1]))}
