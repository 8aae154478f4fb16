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
