--[[
lua5.1 pop_test.lua DIRECTORY_OF_POP_LUA DIRECTORY_OF_THESE_TESTS

Says "ok <claim>" or "not ok <claim>: <why>" for each claim, one a line.
]]

local sources, tests = arg[1], arg[2]
package.path = tests .. "/?.lua;" .. package.path
local engine = require "engine"
engine.directory = sources

local PLAY = {asset = {id = 1001, filename = "spring-sale.mp4"}, ts = 1774549328.25, duration = 10}

local function same(actual, expected, what)
    if actual ~= expected then
        error((what or "value") .. ": expected " .. tostring(expected) .. ", was " .. tostring(actual), 2)
    end
end

local function contains(text, part)
    if not string.find(text, part, 1, true) then
        error("expected to find " .. part .. " in " .. text, 2)
    end
end

local function play(number, more)
    local one = {asset = {id = number, filename = "f.mp4"}, ts = number, duration = 1}
    for key, value in pairs(more or {}) do
        one[key] = value
    end
    return one
end

local function started(options)
    local host = engine.new(options)
    return host, host.load()
end

-- The line that a play becomes, without its uuid.
local function line_of(more)
    local host, pop = started()
    host.connect("relay", "::pop")
    assert(pop.played(play(1, more)))
    return (string.gsub(host.lines("relay")[2], '"uuid":"[^"]*",', "", 1))
end

-- As on a system that does not randomise addresses.
local function without_addresses(host)
    host.tostring = function(value)
        local kind = type(value)
        return (kind == "table" or kind == "function") and kind .. ": 0x1" or tostring(value)
    end
    return host
end

local claims = {}
local function claim(name, test)
    table.insert(claims, {name = name, test = test})
end

claim("the first line names the sender and every line after it is an event", function()
    local host, pop = started()
    pop.configure{name = 'lobby "1"', device = {id = 456, serial = "0012"}, setup = {id = 243317}}
    host.connect("relay", "::pop")
    local uuid = pop.played(PLAY)
    same(#host.lines("relay"), 2)
    same(host.lines("relay")[1], '{"pop":"lobby \\"1\\""}')
    same(host.lines("relay")[2], '{"uuid":"' .. uuid .. '","ts":1774549328.25,"duration":10,'
        .. '"asset":{"filename":"spring-sale.mp4","id":1001},'
        .. '"device":{"id":456,"serial":"0012"},"setup":{"id":243317},"extra":{}}')
end)

claim("an event goes to every relay that is connected and to nobody else", function()
    local host, pop = started()
    host.connect("one", "::pop")
    host.connect("two", "::pop")
    host.connect("browser", "rpc/python")
    host.connect("person", "")
    host.connect("deeper", "::pop/more")
    pop.played(PLAY)
    same(#host.lines("one"), 2)
    same(host.lines("one")[2], host.lines("two")[2])
    same(#host.lines("browser") + #host.lines("person") + #host.lines("deeper"), 0)
end)

claim("a relay that has gone gets nothing any more", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    host.disconnect("relay")
    pop.played(PLAY)
    same(#host.lines("relay"), 1)
end)

claim("a handle that is used again for somebody else is not taken for a relay", function()
    local host, pop = started()
    host.connect("handle", "::pop")
    host.connect("handle", "rpc/python")
    pop.played(PLAY)
    same(#host.lines("handle"), 1)
end)

claim("the player's own handlers are called as before", function()
    local host = engine.new()
    local heard = {}
    host.heard = heard
    rawset(host.N, "heard", heard)
    local pop = host.load(function()
        local function keep(name)
            node.event(name, function(client, path)
                table.insert(N.heard, name .. " " .. client .. " " .. tostring(path))
            end)
        end
        keep "connect"
        local pop = require "pop"
        keep "connect"
        keep "disconnect"
        return pop
    end)
    host.connect("relay", "::pop")
    host.connect("browser", "rpc/python")
    host.disconnect("browser")
    same(table.concat(heard, ", "), "connect relay ::pop, connect relay ::pop, "
        .. "connect browser rpc/python, connect browser rpc/python, disconnect browser nil")
    pop.played(PLAY)
    same(#host.lines("relay"), 2)
end)

claim("a relay that connects late gets the events from before, in their order", function()
    local host, pop = started()
    for i = 1, 5 do
        pop.played(play(i))
    end
    host.connect("relay", "::pop")
    pop.played(play(6))
    same(#host.lines("relay"), 7)
    for i = 1, 6 do
        contains(host.lines("relay")[i + 1], '"ts":' .. i .. ",")
    end
end)

claim("a relay that connects again gets the very same bytes", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    pop.played(PLAY)
    host.disconnect("relay")
    host.connect("relay again", "::pop")
    same(host.lines("relay again")[2], host.lines("relay")[2])
end)

claim("the ring is bounded in events", function()
    local host, pop = started()
    for i = 1, 2500 do
        pop.played(play(i))
    end
    host.connect("relay", "::pop")
    same(#host.lines("relay"), 1001)
    contains(host.lines("relay")[2], '"ts":1501,')
    contains(host.lines("relay")[1001], '"ts":2500,')
    same(pop.kept(), 1000)
end)

claim("the ring is bounded in bytes", function()
    local host, pop = started()
    local text = string.rep("x", 60000)
    for i = 1, 40 do
        assert(pop.played(play(i, {extra = {text = text}})))
    end
    host.connect("relay", "::pop")
    local bytes = 0
    for i = 2, #host.lines("relay") do
        bytes = bytes + #host.lines("relay")[i]
    end
    same(#host.lines("relay"), 1 + 8)
    assert(bytes <= 512 * 1024, bytes)
    contains(host.lines("relay")[9], '"ts":40,')
end)

claim("a player may have a smaller ring, but no larger one than the relay knows again", function()
    local host, pop = started()
    assert(pop.configure{ring = {events = 3}})
    for i = 1, 9 do
        pop.played(play(i))
    end
    same(pop.kept(), 3)
    assert(pop.configure{ring = {events = 5000, bytes = 2 ^ 30}})
    for i = 1, 1200 do
        pop.played(play(i))
    end
    same(pop.kept(), 1000)
    assert(pop.configure{ring = {events = 0}})
    same(pop.kept(), 0)
    assert(pop.played(PLAY))
    same(pop.kept(), 0)
end)

claim("relays and ring survive a reload of the code", function()
    local host, pop = started()
    pop.configure{ring = {events = 10}}
    host.connect("relay", "::pop")
    pop.played(play(1))
    pop = host.load()
    pop.played(play(2))
    same(#host.lines("relay"), 3, "lines of the relay that was connected before")
    same(pop.kept(), 2, "events kept")
    host.connect("late", "::pop")
    contains(host.lines("late")[2], '"ts":1,')
    contains(host.lines("late")[3], '"ts":2,')
    host.disconnect("relay")
    pop.played(play(3))
    same(#host.lines("relay"), 3)
end)

claim("what another version left in N is not trusted", function()
    local host = engine.new()
    for _, left in ipairs{"text", {version = 0}, {version = 1, clients = {}, count = 1, ring = {}}} do
        host.N.pop = left
        local pop = host.load()
        assert(pop.played(PLAY))
        same(pop.kept(), 1)
    end
end)

claim("without N the module works until a reload, and says so", function()
    local host, pop = started{without = {"N"}}
    host.connect("relay", "::pop")
    assert(pop.played(PLAY))
    same(#host.lines("relay"), 2)
    contains(host.log[1], "no table N")
end)

claim("a relay that dies while it is written to costs nothing", function()
    local host, pop = started()
    host.connect("one", "::pop")
    host.connect("dying", "::pop")
    host.connect("two", "::pop")
    host.dead.dying = true
    assert(pop.played(play(1)))
    assert(pop.played(play(2)))
    same(#host.lines("one"), 3)
    same(#host.lines("two"), 3)
    same(#host.log, 1, "lines in the log")
    host.connect("dying", "::pop")
    same(#host.lines("dying"), 1)
    local _, relays = pop.kept()
    same(relays, 2)
end)

claim("an engine that tells no path has the path in the node's name", function()
    local host = engine.new()
    host.node_name = "::pop"
    local pop = host.load()
    host.connect("relay", nil)
    pop.played(PLAY)
    same(#host.lines("relay"), 2)
    local other = engine.new()
    pop = other.load()
    other.connect("person", nil)
    pop.played(PLAY)
    same(#other.lines("person"), 0)
end)

claim("what is no event is refused with a word and no error", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    local cycle = {}
    cycle.cycle, cycle.again = cycle, cycle
    local bad = {
        false, 7, "text", {},
        {asset = "a.mp4"},
        {asset = "a.mp4", duration = "10"},
        {asset = "a.mp4", duration = -1},
        {asset = "a.mp4", duration = 0 / 0},
        {asset = "a.mp4", duration = 1 / 0},
        {asset = "a.mp4", duration = 1, ts = "now"},
        {asset = "a.mp4", duration = 1, ts = -1 / 0},
        {asset = {}, duration = 1},
        {asset = 5, duration = 1},
        {asset = "a.mp4", duration = 1, uuid = ""},
        {asset = "a.mp4", duration = 1, uuid = 5},
        {asset = "a.mp4", duration = 1, device = "id"},
        {asset = "a.mp4", duration = 1, extra = {[1] = "a", ["1"] = "b", x = 1}},
        {asset = "a.mp4", duration = 1, extra = {[{}] = 1}},
        {asset = "a.mp4", duration = 1, extra = cycle},
        {asset = "a.mp4", duration = 1, extra = {text = string.rep("x", 8192 * 9)}},
    }
    for i, play in ipairs(bad) do
        local uuid, why = pop.played(play)
        same(uuid, nil, "uuid of bad event " .. i)
        same(type(why), "string", "reason of bad event " .. i)
        contains(host.log[i], "[pop] refused an event: ")
    end
    local uuid, why = pop.played()
    same(uuid, nil)
    contains(why, "it is no table")
    same(#host.lines("relay"), 1)
    same(pop.kept(), 0)
end)

claim("settings that make no sense are refused with a word and no error", function()
    local host, pop = started()
    for _, bad in ipairs{7, {name = ""}, {name = 5}, {ring = 5}, {ring = {events = "many"}},
        {ring = {bytes = -1}}, {device = 5}, {extra = {[{}] = 1}}} do
        local done, why = pop.configure(bad)
        same(done, nil)
        same(type(why), "string")
    end
    same(pop.configure(), nil)
    same(pop.hosted(nil), nil)
    same(pop.hosted({}), nil)
    assert(pop.played(PLAY))
end)

claim("numbers keep their digits and integers are integers", function()
    local line = line_of{extra = {
        a = 1774549328.123456, b = 1e15, c = 2 ^ 40, d = 0.1, e = -7, f = 1e300, g = 1 / 3,
        h = 1 / 0, i = -1 / 0, j = 0 / 0, k = 2 ^ 53 - 1, l = 123456789012, m = -0.0, n = 5e-324,
    }}
    contains(line, '"a":1774549328.123456,')
    contains(line, '"b":1000000000000000,')
    contains(line, '"c":1099511627776,')
    contains(line, '"d":0.1,"e":-7,"f":1e+300,"g":0.3333333333333333,')
    contains(line, '"h":null,"i":null,"j":null,"k":9007199254740991,"l":123456789012,"m":0,')
end)

claim("a number that is read again is the same number", function()
    for _, number in ipairs{math.pi, 1e-7, 1774549328.2165, 0.1 + 0.2, 1e22, 123456789.123456789} do
        local text = string.match(line_of{extra = {n = number}}, '"n":([^}]*)}')
        same(tonumber(text), number)
    end
end)

claim("tables: lists, objects, and an empty one is an object", function()
    contains(line_of{extra = {list = {1, "b", {}}, empty = {}, t = true, f = false}},
        '"extra":{"empty":{},"f":false,"list":[1,"b",{}],"t":true}}')
    contains(line_of{extra = {1, 2}}, '"extra":[1,2]}')
    contains(line_of{extra = {[1] = "a", [3] = "c"}}, '"extra":{"1":"a","3":"c"}}')
    contains(line_of{extra = {f = function() end, c = coroutine.create(function() end)}},
        '"extra":{"c":null,"f":null}}')
end)

claim("strings: control characters are escaped and what is no UTF-8 is replaced", function()
    local function text(value)
        return (string.match(line_of{extra = {s = value}}, '"extra":{"s":(.*)}}$'))
    end
    same(text('a"b\\c/d'), '"a\\"b\\\\c/d"')
    same(text("\0\1\9\10\13\31\127"), '"\\u0000\\u0001\\t\\n\\r\\u001f\\u007f"')
    same(text("caf\195\169 \226\130\172 \240\159\142\172"), '"caf\195\169 \226\130\172 \240\159\142\172"')
    local mark = "\239\191\189"
    same(text("a\255b"), '"a' .. mark .. 'b"')
    same(text("\195"), '"' .. mark .. '"')
    same(text("\192\175"), '"' .. mark .. mark .. '"', "overlong")
    same(text("\237\160\128"), '"' .. mark .. mark .. mark .. '"', "half a pair")
    same(text("\244\144\128\128"), '"' .. mark .. mark .. mark .. mark .. '"', "too large")
    same(text("\226\130"), '"' .. mark .. mark .. '"', "cut off")
    contains(line_of{extra = {["k\255\n"] = 1}}, '"k' .. mark .. '\\n":1')
end)

claim("an event never holds a line end", function()
    local line = line_of{asset = {filename = "a\nb\r\n.mp4"}, extra = {["\n"] = "\n"}}
    same(string.find(line, "[\r\n]"), nil)
end)

claim("the time of playback is os.time less the duration if none is given", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    pop.played{asset = "a.mp4", duration = 10}
    contains(host.lines("relay")[2], '"ts":1774549318,"duration":10,"asset":{"filename":"a.mp4"},')
    host, pop = started{without = {"os"}}
    local uuid, why = pop.played{asset = "a.mp4", duration = 10}
    same(uuid, nil)
    contains(why, "there is no ts")
    assert(pop.played(PLAY))
end)

claim("playing measures from its call to the call of what it returns, once", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    local ended = pop.playing{asset = "a.mp4"}
    same(#host.lines("relay"), 1)
    host.now, host.time = host.now + 7.5, host.time + 8
    assert(ended())
    contains(host.lines("relay")[2], '"ts":1774549328,"duration":7.5,')
    same(ended(), nil)
    same(pop.playing(5)(), nil)
    same(#host.lines("relay"), 2)
end)

claim("a hosted configuration names device and setup", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    assert(pop.hosted{__metadata = {device_id = 456, setup_id = 243317}})
    pop.played(PLAY)
    contains(host.lines("relay")[2],
        '"device":{"id":456,"serial":"123098123"},"setup":{"id":243317},')
end)

claim("a uuid is of version 4", function()
    local _, pop = started()
    for _ = 1, 200 do
        local uuid = pop.played(PLAY)
        assert(string.match(uuid,
            "^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$"), uuid)
    end
end)

claim("every digit of a uuid takes every value", function()
    local _, pop = started()
    local seen = {}
    for _ = 1, 2000 do
        local digits = string.gsub(pop.played(PLAY), "-", "")
        for at = 1, 32 do
            seen[at] = seen[at] or {}
            seen[at][string.sub(digits, at, at)] = (seen[at][string.sub(digits, at, at)] or 0) + 1
        end
    end
    for at = 1, 32 do
        local values = 0
        for _, count in pairs(seen[at]) do
            values = values + 1
            if at ~= 13 and at ~= 17 then
                assert(count > 60 and count < 200, "digit " .. at .. " is one value " .. count .. " times")
            end
        end
        same(values, at == 13 and 1 or at == 17 and 4 or 16, "values of digit " .. at)
    end
end)

claim("no two events share a uuid, not even after a start that is alike in all but its events", function()
    local seen, count = {}, 0
    for _ = 1, 20 do
        -- As after a restart with a clock that stands still, and without random addresses.
        local host = without_addresses(engine.new())
        local pop = host.load()
        for _ = 1, 100 do
            local uuid = pop.played(play(count))
            same(seen[uuid], nil, "uses of " .. uuid)
            seen[uuid] = 1
            count = count + 1
        end
    end
end)

claim("two starts that are alike in all but the addresses give other uuids to the same event", function()
    local _, one = started()
    local _, two = started()
    assert(one.played(PLAY) ~= two.played(PLAY))
end)

claim("a reload does not begin the uuids anew", function()
    local host = without_addresses(engine.new())
    local seen = {}
    for _ = 1, 5 do
        local uuid = host.load().played(PLAY)
        same(seen[uuid], nil, "uses of " .. uuid)
        seen[uuid] = 1
    end
end)

claim("two events that differ in one character have other uuids, wherever it stands", function()
    for length = 100, 200 do
        local one, two = without_addresses(engine.new()), without_addresses(engine.new())
        local text = string.rep("x", length)
        local first = one.load().played(play(1, {extra = {s = text .. "1"}}))
        assert(first ~= two.load().played(play(1, {extra = {s = text .. "2"}})), first)
    end
end)

claim("what is too deep, or far too much, is refused in no time", function()
    local _, pop = started()
    local deep, much = {}, {1}
    for _ = 1, 40 do
        deep = {deep}
    end
    for _ = 1, 28 do
        much = {much, much}
    end
    local _, why = pop.played(play(1, {extra = {deep = deep}}))
    contains(why, "deeper than 32")
    _, why = pop.played(play(1, {extra = {much = much}}))
    contains(why, "more than 10000 values")
    _, why = pop.configure{extra = {much = much}}
    contains(why, "more than 10000 values")
end)

claim("the player's random numbers are left alone", function()
    math.randomseed(7)
    local first = math.random()
    math.randomseed(7)
    local _, pop = started()
    pop.played(PLAY)
    same(math.random(), first)
end)

claim("an author may give a uuid", function()
    local host, pop = started()
    host.connect("relay", "::pop")
    same(pop.played(play(1, {uuid = "mine-1"})), "mine-1")
    contains(host.lines("relay")[2], '{"uuid":"mine-1",')
end)

local failed = 0
for _, one in ipairs(claims) do
    local done, problem = pcall(one.test)
    if done then
        print("ok " .. one.name)
    else
        failed = failed + 1
        print("not ok " .. one.name .. ": " .. string.gsub(tostring(problem), "\n", " "))
    end
end
os.exit(failed == 0 and 0 or 1)
