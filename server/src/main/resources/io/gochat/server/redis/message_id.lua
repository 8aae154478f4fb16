-- A number in groups of seven bits, and where what follows it begins; nothing where the bytes end before it.
local function varint(bytes, at)
  local number, scale = 0, 1
  while true do
    local group = string.byte(bytes, at)
    if not group then return nil end
    number, scale, at = number + group % 128 * scale, scale * 128, at + 1
    if group < 128 then return number, at end
  end
end

-- The id of a stored message: its first field.
local function idOf(bytes)
  local id = string.byte(bytes, 1) == 8 and varint(bytes, 2)
  return id and string.format('%.0f', id) or ''
end
