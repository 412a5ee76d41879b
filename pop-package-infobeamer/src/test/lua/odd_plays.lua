--[[
lua5.1 odd_plays.lua DIRECTORY_OF_POP_LUA DIRECTORY_OF_THESE_TESTS

Writes the lines that odd plays become, for the relay to judge.
]]

package.path = arg[2] .. "/?.lua;" .. package.path
local engine = require "engine"
engine.directory = arg[1]

local host = engine.new{write = function(_, line) io.stdout:write(line, "\n") end}
local pop = host.load()
host.connect("relay", "::pop")

local function played(extra, more)
    local play = {asset = {filename = "a.mp4"}, ts = 1, duration = 1, extra = extra}
    for key, value in pairs(more or {}) do
        play[key] = value
    end
    assert(pop.played(play))
end

local all = {}
for code = 0, 255 do
    all[#all + 1] = string.char(code)
end
played{text = table.concat(all)}
for code = 0, 255 do
    played({text = "<" .. string.char(code) .. ">", [string.char(code)] = code})
    played{text = string.char(code, 128, 191)}
    played{text = string.char(code, 191, 128, 128)}
    played{text = string.char(240, code, 128, 128) .. string.char(237, code, 128)}
end
played{a = 1 / 0, b = -1 / 0, c = 0 / 0, d = -0.0, e = 1e300, f = 5e-324, g = 2 ^ 53, h = -2 ^ 63}
played{empty = {}, list = {{}, {{}}}, deep = {{{{{{{{{{1}}}}}}}}}}}
played(nil, {asset = {id = "fallback", filename = string.rep("\255", 100)}})
played(nil, {ts = 0, duration = 0})
played(nil, {device = {}, setup = {}, uuid = "\0\255\""})
