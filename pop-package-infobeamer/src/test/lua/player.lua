--[[
lua5.1 player.lua DIRECTORY_OF_POP_LUA DIRECTORY_OF_THESE_TESTS

A player that speaks the engine's protocol on a port of its own, with pop.lua in its node. Says
"listening on <port>". A client of the path control directs it, one command a line, and is answered
"done" or what was asked for:

    play N      plays N things
    reload      loads the code anew
    away        closes every connection but this one, and listens no more
    back        listens again
    cut         closes every connection but this one
    told        says the uuids of all plays, one a line, and "done"
    quit
]]

local sources, tests = arg[1], arg[2]
package.path = tests .. "/?.lua;" .. package.path
local engine = require "engine"
local socket = require "socket"
engine.directory = sources

local BANNER = "Info Beamer PI 0.9.6-beta.1 (https://info-beamer.com) [pid 1/uptime 1]"
local CONTROL = "control"

local listener, port
local peers = {}        -- by socket: what came, what is to go, and the path

local function listen()
    listener = assert(socket.tcp4())
    assert(listener:setoption("reuseaddr", true))
    assert(listener:bind("127.0.0.1", port or 0))
    assert(listener:listen(5))
    listener:settimeout(0)
    local _, bound = listener:getsockname()
    port = bound
end

local function say(peer, line)
    peer.out = peer.out .. line .. "\n"
end

local host = engine.new{
    write = function(client, line) say(client, line) end,
    print = function(text) io.stderr:write(text, "\n") end,
}
local pop = host.load()
local uuids = {}

local function configure()
    assert(pop.configure{name = "lua player", device = {id = 456}, setup = {id = 243317}})
end
configure()

local function close(peer)
    peers[peer.socket] = nil
    peer.socket:close()
    if peer.path and peer.path ~= CONTROL then
        host.disconnect(peer)
    end
end

local function close_others(director)
    local others = {}
    for _, peer in pairs(peers) do
        if peer ~= director then
            table.insert(others, peer)
        end
    end
    for _, peer in ipairs(others) do
        close(peer)
    end
end

local commands = {
    play = function(count)
        for _ = 1, tonumber(count) do
            local number = #uuids + 1
            host.now = host.now + 0.01
            local uuid, why = pop.played{
                asset = {id = 1000 + number, filename = "spot-" .. number .. ".mp4"},
                ts = 1774549328 + number * 10 + 0.25, duration = 10, extra = {seq = number},
            }
            uuids[number] = assert(uuid, why)
        end
    end,
    reload = function()
        pop = host.load()
        configure()
    end,
    away = function(_, director)
        close_others(director)
        listener:close()
        listener = nil
    end,
    back = function() listen() end,
    cut = function(_, director) close_others(director) end,
    told = function(_, director)
        for _, uuid in ipairs(uuids) do
            say(director, uuid)
        end
    end,
    quit = function() os.exit(0) end,
}

local function heard(peer, line)
    if not peer.path then
        local suffix = string.match(line, "^%*raw/root/(.*)$") or string.match(line, "^root/(.*)$")
        if not suffix then
            return say(peer, "404")
        end
        peer.path = suffix
        say(peer, "ok!")
        if suffix ~= CONTROL then
            host.connect(peer, suffix)
        end
    elseif peer.path == CONTROL then
        local command, argument = string.match(line, "^(%a+) ?(.*)$")
        commands[command](argument, peer)
        say(peer, "done")
    else
        host.dispatch("input", line, peer)
    end
end

local function receive(peer)
    local whole, problem, part = peer.socket:receive(8192)
    peer.came = peer.came .. (whole or part)
    while true do
        local line, rest = string.match(peer.came, "^([^\n]*)\n(.*)$")
        if not line then
            break
        end
        peer.came = rest
        heard(peer, (string.gsub(line, "\r$", "")))
    end
    if problem == "closed" and peers[peer.socket] then
        close(peer)
    end
end

local function send(peer)
    local last, problem, part = peer.socket:send(peer.out)
    peer.out = string.sub(peer.out, (last or part) + 1)
    if problem == "closed" then
        close(peer)
    end
end

listen()
io.stdout:write("listening on ", port, "\n")
io.stdout:flush()
while true do
    local reading, writing = {listener}, {}
    for one, peer in pairs(peers) do
        table.insert(reading, one)
        if peer.out ~= "" then
            table.insert(writing, one)
        end
    end
    local readable, writable = socket.select(reading, writing, 1)
    for _, one in ipairs(readable) do
        if one == listener then
            local client = listener:accept()
            if client then
                client:settimeout(0)
                peers[client] = {socket = client, came = "", out = BANNER .. "\n"}
            end
        elseif peers[one] then
            receive(peers[one])
        end
    end
    for _, one in ipairs(writable) do
        if peers[one] then
            send(peers[one])
        end
    end
end
