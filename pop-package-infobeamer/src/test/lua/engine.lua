--[[
The few calls of the engine that pop.lua uses, for plain Lua 5.1: a sandbox that is made anew at each
(re)load of the code, with the table N that survives, and events of which each may have many handlers.
]]

local engine = {}

-- What a sandbox of the engine has of Lua. Reading any other global is an error, as after
-- util.no_globals.
local LUA = {
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
    "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall",
    "coroutine", "math", "string", "table",
}

--- An engine without code.
-- options.write   takes (client, line); else what is written is kept in engine.written
-- options.without names of globals that this engine does not have
function engine.new(options)
    options = options or {}
    local self = {
        N = {},
        written = {},       -- by client, the lines
        dead = {},          -- clients to which writing throws
        log = {},
        time = 1774549328,
        now = 12.5,
        env = {SERIAL = "123098123", NODE = "root"},
        node_name = nil,
        tostring = tostring,
    }

    local function write(client, line)
        if self.dead[client] then
            error("client is gone")
        elseif options.write then
            return options.write(client, line)
        end
        self.written[client] = self.written[client] or {}
        table.insert(self.written[client], line)
    end

    local handlers
    local sandbox

    local function fresh()
        handlers = {connect = {}, disconnect = {}, input = {}}
        local globals = {
            print = function(text)
                table.insert(self.log, tostring(text))
                if options.print then
                    options.print(text)
                end
            end,
            N = self.N,
            NAME = self.node_name or "root",
            PATH = "/root",
            os = {time = function() return self.time end},
            sys = {
                now = function() return self.now end,
                get_env = function(name) return self.env[name] end,
            },
            node = {
                event = function(name, handler)
                    table.insert(assert(handlers[name], "no such event"), handler)
                end,
                client_write = write,
            },
        }
        for _, name in ipairs(LUA) do
            globals[name] = _G[name]
        end
        globals.tostring = function(value)
            return self.tostring(value)
        end
        for _, name in ipairs(options.without or {}) do
            globals[name] = nil
        end
        globals._G = globals
        local loaded = {}
        globals.require = function(name)
            if loaded[name] == nil then
                local code = assert(loadfile(engine.directory .. "/" .. name .. ".lua"))
                loaded[name] = setfenv(code, sandbox)() or true
            end
            return loaded[name]
        end
        sandbox = setmetatable(globals, {
            __index = function(_, name)
                error("the global " .. tostring(name) .. " is not there")
            end,
            __newindex = function(_, name)
                error("the global " .. tostring(name) .. " would be new")
            end,
        })
    end

    --- Loads the node's code, for the first time or again. It is called in the sandbox with the
    -- module that it asked for.
    function self.load(code)
        fresh()
        return setfenv(code or function() return require "pop" end, sandbox)()
    end

    --- Like the engine: one handler after the other, and an error ends the row.
    function self.dispatch(event, ...)
        for _, handler in ipairs(handlers[event]) do
            handler(...)
        end
    end

    function self.connect(client, path)
        self.dispatch("connect", client, path)
    end

    function self.disconnect(client)
        self.dispatch("disconnect", client)
    end

    function self.lines(client)
        return self.written[client] or {}
    end

    return self
end

return engine
