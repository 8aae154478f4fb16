-- Takes or keeps the lead in telling webhooks, also in a Redis that is full (see tell.lua). KEYS: lease, number of the term,
-- end of the outbox. ARGV: owner, length in ms. Returns the term, or 0 when another node leads, the end, and the run id of
-- Redis: another one may hold another past.
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)') or ''
local owner = redis.call('GET', KEYS[1])
local last = redis.call('GET', KEYS[3]) or '0'
if owner == ARGV[1] then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {redis.call('GET', KEYS[2]) or '0', last, run}
elseif not owner then
  redis.call('PERSIST', KEYS[1])
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return {string.format('%.0f', redis.call('INCRBY', KEYS[2], 1)), last, run}
end
return {'0', last, run}
