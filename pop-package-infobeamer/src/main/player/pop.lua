--[[
Tells a relay on this device what was played: proof of play at root/::pop.

    local pop = require "pop"

    pop.configure{name = "lobby", device = {id = 456}, setup = {id = 243317}}

    pop.played{
        asset = {id = 1001, filename = "spring-sale.mp4"},
        ts = 1774549328.2,      -- when playback began, in seconds since 1970
        duration = 10,          -- how long it lasted, in seconds
        extra = {tile = "left"},
    }

It must be required by the node.lua of the setup's top node, at the time the code is loaded.

Nothing in here throws an error into the player or waits: what is no event is refused with a line in
the log. The last events are kept in memory and sent to every relay that connects, so that one that
was away misses none of them; the relay drops what it has already. They and the connections survive a
reload of the code, but not an end of info-beamer.

Lua 5.1. Uses of the engine: node.event, node.client_write, the table N that survives a reload, and,
where they are there, sys.now, sys.get_env and os.time.
]]

local PATH_SUFFIX = "::pop"

-- The relay knows twice as many events again, see repeatWindow in its configuration.
local MOST_EVENTS = 1000
local MOST_BYTES = 512 * 1024

-- A line longer than this is no play; the relay takes lines of up to 1 MiB.
local LONGEST_LINE = 64 * 1024
local DEEPEST = 32
local MOST_VALUES = 10000

local error, ipairs, next, pairs, pcall = error, ipairs, next, pairs, pcall
local tonumber, tostring, type, rawget, print = tonumber, tostring, type, rawget, print
local floor = math.floor
local byte, char, find, format, gsub, sub =
    string.byte, string.char, string.find, string.format, string.gsub, string.sub
local concat, sort = table.concat, table.sort

-- A player may forbid to read globals that are not there.
local function global(name)
    return rawget(_G, name)
end

local function member(tab, name)
    return type(tab) == "table" and tab[name] or nil
end

local function log(text)
    pcall(print, "[pop] " .. text)
end

--------------------------------------------------------------------------------------------------
-- State that survives a reload of the code
--------------------------------------------------------------------------------------------------

local function fresh_state()
    return {
        version = 1,
        clients = {},
        count = 0,                              -- of all events, for the uuid
        ring = {first = 1, last = 0, bytes = 0},
    }
end

local function is_state(state)
    return type(state) == "table" and state.version == 1
        and type(state.clients) == "table" and type(state.count) == "number"
        and type(state.ring) == "table" and type(state.ring.first) == "number"
        and type(state.ring.last) == "number" and type(state.ring.bytes) == "number"
end

local state
do
    local survivor = global "N"
    if type(survivor) == "table" then
        if not is_state(survivor.pop) then
            survivor.pop = fresh_state()
        end
        state = survivor.pop
    else
        state = fresh_state()
        log "there is no table N in this engine: after a reload of the code, relays that are connected hear nothing until they connect anew"
    end
end

local settings = {
    name = "info-beamer",
    events = MOST_EVENTS,
    bytes = MOST_BYTES,
}

--------------------------------------------------------------------------------------------------
-- JSON. The engine's own encoder writes an empty table as a list, cuts numbers to 14 digits, and
-- lets control characters, inf and bytes that are no UTF-8 through.
--------------------------------------------------------------------------------------------------

local ESCAPES = {
    ['"'] = '\\"', ["\\"] = "\\\\",
    ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function escape(c)
    return ESCAPES[c] or format("\\u%04x", byte(c))
end

-- How many bytes the character at this place has; 0 if it is no UTF-8.
local function width(text, at)
    local a, b, c, d = byte(text, at, at + 3)
    local function follows(x)
        return x and x >= 0x80 and x <= 0xbf
    end
    if a < 0x80 then
        return 1
    elseif a >= 0xc2 and a <= 0xdf then
        return follows(b) and 2 or 0
    elseif a >= 0xe0 and a <= 0xef then
        local whole = follows(b) and follows(c)
            and not (a == 0xe0 and b < 0xa0)    -- could be written shorter
            and not (a == 0xed and b > 0x9f)    -- half a character of UTF-16
        return whole and 3 or 0
    elseif a >= 0xf0 and a <= 0xf4 then
        local whole = follows(b) and follows(c) and follows(d)
            and not (a == 0xf0 and b < 0x90)
            and not (a == 0xf4 and b > 0x8f)    -- behind the last character
        return whole and 4 or 0
    end
    return 0
end

-- What is no UTF-8 becomes U+FFFD: a file with an odd name was played nevertheless.
local function as_utf8(text)
    if not find(text, "[\128-\255]") then
        return text
    end
    local parts, from, at = {}, 1, 1
    while at <= #text do
        local count = width(text, at)
        if count == 0 then
            parts[#parts + 1] = sub(text, from, at - 1)
            parts[#parts + 1] = "\239\191\189"
            at = at + 1
            from = at
        else
            at = at + count
        end
    end
    parts[#parts + 1] = sub(text, from)
    return concat(parts)
end

local function encode_string(text)
    -- %z is the byte 0, which a pattern of Lua 5.1 cannot hold itself.
    return '"' .. gsub(as_utf8(text), '[%z\1-\31\127"\\]', escape) .. '"'
end

local function is_finite(number)
    return number == number and number ~= 1 / 0 and number ~= -1 / 0
end

local function encode_number(number)
    if not is_finite(number) then
        return "null"
    elseif number == 0 then
        return "0"                              -- also for -0
    elseif number == floor(number) and number > -2 ^ 53 and number < 2 ^ 53 then
        -- Not %d, which has 32 bits on the devices' processors.
        return format("%.0f", number)
    end
    for digits = 14, 17 do
        -- A decimal comma would come from a locale.
        local text = gsub(format("%." .. digits .. "g", number), ",", ".")
        if tonumber(text) == number or digits == 17 then
            return text
        end
    end
end

local encode

-- How many more values may be encoded: a table that holds itself twice has no end worth waiting for.
local budget = 0

local function encode_list(list, depth)
    local parts = {}
    for i = 1, #list do
        parts[i] = encode(list[i], depth)
    end
    return "[" .. concat(parts, ",") .. "]"
end

local function is_list(tab)
    local count = 0
    for key in pairs(tab) do
        count = count + 1
        if type(key) ~= "number" then
            return false
        end
    end
    for i = 1, count do
        if tab[i] == nil then
            return false
        end
    end
    return count > 0
end

local function encode_object(tab, depth)
    local names, values = {}, {}
    for key, value in pairs(tab) do
        local kind = type(key)
        if kind ~= "string" and kind ~= "number" and kind ~= "boolean" then
            error({refused = "a " .. kind .. " cannot name a member"})
        end
        local name = encode_string(tostring(key))
        if values[name] ~= nil then
            error({refused = "two members are called " .. name})
        end
        names[#names + 1] = name
        values[name] = value
    end
    sort(names)
    local parts = {}
    for i, name in ipairs(names) do
        parts[i] = name .. ":" .. encode(values[name], depth)
    end
    return "{" .. concat(parts, ",") .. "}"
end

-- What has no form in JSON is null; so is json.null of the engine, a userdata.
function encode(value, depth)
    budget = budget - 1
    if budget < 0 then
        error({refused = "it holds more than " .. MOST_VALUES .. " values"})
    end
    local kind = type(value)
    if kind == "string" then
        return encode_string(value)
    elseif kind == "number" then
        return encode_number(value)
    elseif kind == "boolean" then
        return value and "true" or "false"
    elseif kind == "table" then
        if depth >= DEEPEST then
            error({refused = "it is nested deeper than " .. DEEPEST .. ", or holds itself"})
        end
        return is_list(value) and encode_list(value, depth + 1) or encode_object(value, depth + 1)
    end
    return "null"
end

--------------------------------------------------------------------------------------------------
-- UUIDs, version 4. Lua's math.random is the player's: it may be seeded, and seeded alike after
-- each start. So each uuid is a hash of all that differs: between starts, devices and events.
--------------------------------------------------------------------------------------------------

-- Eight hashes side by side, each modulo a prime of its own below 2^31, with a factor below 2^21, so
-- that no product leaves the 53 bits of a number.
local PRIMES = {
    2147483647, 2147483629, 2147483587, 2147483579, 2147483563, 2147483549, 2147483543, 2147483497,
}
local FACTORS = {1664525, 1103515, 1220703, 1597334, 741103, 1999993, 1812433, 1366513}

local function hash(text, lane, start)
    local prime, factor, value = PRIMES[lane], FACTORS[lane], start
    for at = 1, #text do
        value = (value * factor + byte(text, at) + 1) % prime
    end
    return value
end

local function clock(tab, name)
    local known, value = pcall(function()
        return tostring(global(tab)[name]())
    end)
    return known and value or ""
end

-- Addresses differ with each process, where the system randomises them.
local function addresses()
    return tostring({}) .. tostring(function() end)
end

local function environment(name)
    local known, value = pcall(function()
        return tostring(global("sys").get_env(name))
    end)
    return known and value or ""
end

local seeds = {}
do
    local parts = {
        environment "SERIAL", environment "NODE", tostring(global "PATH"),
        clock("os", "time"), clock("os", "clock"), clock("sys", "now"),
        tostring(_G), tostring(state), tostring(print), addresses(), addresses(),
        tostring(state.count),
    }
    local text = concat(parts, "|")
    for lane = 1, #PRIMES do
        seeds[lane] = hash(text, lane, lane)
    end
end

local function uuid(about)
    state.count = state.count + 1
    -- The event itself by two hashes of it: eight of a long one would take the time of many frames.
    local text = concat({
        state.count, clock("os", "time"), clock("sys", "now"), addresses(),
        hash(about, 1, 1), hash(about, 2, 2),
    }, "|")
    local part = {}
    for lane = 1, #PRIMES do
        seeds[lane] = hash(text, lane, seeds[lane])
        part[lane] = floor(seeds[lane] / 128) % 65536
    end
    part[4] = 0x4000 + part[4] % 0x1000         -- version 4
    part[5] = 0x8000 + part[5] % 0x4000         -- variant of RFC 4122
    return format("%04x%04x-%04x-%04x-%04x-%04x%04x%04x",
        part[1], part[2], part[3], part[4], part[5], part[6], part[7], part[8])
end

--------------------------------------------------------------------------------------------------
-- Clients and the ring
--------------------------------------------------------------------------------------------------

-- Says whether the client is still there.
local function write(client, line)
    local written, problem = pcall(node.client_write, client, line)
    if not written then
        state.clients[client] = nil
        log("a relay is gone: " .. tostring(problem))
    end
    return written
end

local function forget_oldest()
    local ring = state.ring
    ring.bytes = ring.bytes - #ring[ring.first]
    ring[ring.first] = nil
    ring.first = ring.first + 1
end

local function trim()
    local ring = state.ring
    while ring.last >= ring.first
        and (ring.last - ring.first + 1 > settings.events or ring.bytes > settings.bytes) do
        forget_oldest()
    end
end

local function keep(line)
    local ring = state.ring
    ring.last = ring.last + 1
    ring[ring.last] = line
    ring.bytes = ring.bytes + #line
    trim()
end

-- An engine that tells no path has the path of the node itself.
local function is_ours(path)
    if path == nil then
        return global "NAME" == PATH_SUFFIX
    end
    return path == PATH_SUFFIX
end

local function greet(client)
    if not write(client, '{"pop":' .. encode_string(settings.name) .. "}") then
        return
    end
    local ring = state.ring
    for i = ring.first, ring.last do
        if not write(client, ring[i]) then
            return
        end
    end
end

local function guarded(what, handler)
    return function(...)
        local done, problem = pcall(handler, ...)
        if not done then
            log(what .. " failed: " .. tostring(problem))
        end
    end
end

node.event("connect", guarded("connect", function(client, path)
    if client == nil then
        return
    elseif is_ours(path) then
        state.clients[client] = true
        greet(client)
    else
        -- A handle may be used again, for a client of somebody else.
        state.clients[client] = nil
    end
end))

node.event("disconnect", guarded("disconnect", function(client)
    if client ~= nil then
        state.clients[client] = nil
    end
end))

--------------------------------------------------------------------------------------------------
-- What a player calls
--------------------------------------------------------------------------------------------------

local pop = {}

local function refuse(text)
    log("refused an event: " .. text)
    return nil, text
end

local function expect(holds, text)
    if not holds then
        error({refused = text})
    end
end

local function object(value, name)
    expect(value == nil or type(value) == "table", name .. " is no table")
    return value or {}
end

local function now()
    local time = member(global "os", "time")
    return time and time() or nil
end

local function line_of(play)
    expect(type(play) == "table", "it is no table; write pop.played{asset = ..., duration = ...}")
    local duration = play.duration
    expect(type(duration) == "number" and is_finite(duration) and duration >= 0,
        "duration is no number of seconds")
    local ts = play.ts
    if ts == nil then
        local time = now()
        expect(time ~= nil, "there is no ts, and the engine has no os.time to make one of")
        ts = time - duration
    end
    expect(type(ts) == "number" and is_finite(ts), "ts is no number of seconds since 1970")
    local asset = play.asset
    if type(asset) == "string" then
        asset = {filename = asset}
    end
    expect(type(asset) == "table" and (asset.filename ~= nil or asset.id ~= nil),
        "asset has neither a filename nor an id")
    local id = play.uuid
    expect(id == nil or (type(id) == "string" and id ~= ""), "uuid is no text")

    budget = MOST_VALUES
    local rest = concat({
        '"ts":', encode_number(ts),
        ',"duration":', encode_number(duration),
        ',"asset":', encode(asset, 1),
        ',"device":', encode(object(play.device or settings.device, "device"), 1),
        ',"setup":', encode(object(play.setup or settings.setup, "setup"), 1),
        ',"extra":', encode(object(play.extra or settings.extra, "extra"), 1), "}",
    })
    expect(#rest < LONGEST_LINE, "it is longer than " .. LONGEST_LINE .. " bytes")
    id = id or uuid(rest)
    return '{"uuid":' .. encode_string(id) .. "," .. rest, id
end

local function reason(problem)
    return type(problem) == "table" and problem.refused or tostring(problem)
end

--- Sets what is the same for all events. What is left out stays as it is.
-- name    what this player is called, told to each relay that connects
-- device, setup, extra   tables that are sent with each event that has none of its own
-- ring    {events =, bytes =}: how much is kept for relays that connect later, at most 1000
--         and 512 KiB
function pop.configure(options)
    local done, problem = pcall(function()
        expect(type(options) == "table", "it is no table; write pop.configure{name = ...}")
        expect(options.name == nil or (type(options.name) == "string" and options.name ~= ""),
            "name is no text")
        local ring = object(options.ring, "ring")
        for _, bound in ipairs{"events", "bytes"} do
            local value = ring[bound]
            expect(value == nil or (type(value) == "number" and value >= 0),
                "ring." .. bound .. " is no number")
        end
        for _, part in ipairs{"device", "setup", "extra"} do
            budget = MOST_VALUES
            encode(object(options[part], part), 1)
        end
        settings.name = options.name or settings.name
        settings.device = options.device or settings.device
        settings.setup = options.setup or settings.setup
        settings.extra = options.extra or settings.extra
        settings.events = ring.events and (ring.events < MOST_EVENTS and ring.events or MOST_EVENTS)
            or settings.events
        settings.bytes = ring.bytes and (ring.bytes < MOST_BYTES and ring.bytes or MOST_BYTES)
            or settings.bytes
        trim()
    end)
    if not done then
        log("refused the settings: " .. reason(problem))
        return nil, reason(problem)
    end
    return true
end

--- Takes device and setup from a hosted configuration: util.json_watch("config.json", pop.hosted)
function pop.hosted(config)
    local meta = member(config, "__metadata")
    if type(meta) ~= "table" then
        log "refused the configuration: there is no __metadata in it"
        return nil, "there is no __metadata in it"
    end
    local serial = environment "SERIAL"
    return pop.configure{
        device = {id = meta.device_id, serial = serial ~= "" and serial ~= "nil" and serial or nil},
        setup = {id = meta.setup_id},
    }
end

--- Tells that something was played. Call it when playback has ended.
-- asset     {id =, filename =}, or a file's name
-- ts        when it began, in seconds since 1970; else os.time() less the duration
-- duration  how long it lasted, in seconds
-- device, setup, extra   tables; else those of pop.configure
-- uuid      a text of your own; else one is made
-- Returns the uuid, or nil and why it was refused.
function pop.played(play)
    local done, line, id = pcall(line_of, play)
    if not done then
        return refuse(reason(line))
    end
    keep(line)
    for client in pairs(state.clients) do
        write(client, line)
    end
    return id
end

--- Tells that something begins to play. Returns a function to call when it has ended, which does
-- what pop.played does, with the times measured. Needs sys.now and os.time.
function pop.playing(play)
    local began, clock_began = now(), member(global "sys", "now")
    local from = clock_began and clock_began()
    local told = false
    return function()
        if told then
            return refuse "it was told already"
        end
        told = true
        if type(play) ~= "table" or not from or not began then
            return refuse(type(play) == "table" and "the engine has no clocks" or "it is no table")
        end
        local whole = {}
        for key, value in pairs(play) do
            whole[key] = value
        end
        whole.ts = play.ts or began
        whole.duration = play.duration or (clock_began() - from)
        return pop.played(whole)
    end
end

--- How many events are kept for relays that connect later, and how many relays are connected.
function pop.kept()
    local clients = 0
    for _ in next, state.clients do
        clients = clients + 1
    end
    return state.ring.last - state.ring.first + 1, clients
end

return pop
