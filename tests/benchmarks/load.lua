-- Posts each line of the file that is named once, or gets the address again and again; then tells
-- in one line of JSON what came back.
local ffi = require("ffi")
ffi.cdef[[ typedef struct { long s; long us; } instant; int gettimeofday(instant *, void *); ]]

local bodies, n, thread = nil, 0, nil
began, ended = nil, nil -- seconds; global, for `done` asks the thread for them

local function now()
  local at = ffi.new("instant")
  ffi.C.gettimeofday(at, nil)
  return tonumber(at.s) + tonumber(at.us) / 1e6
end

function setup(one) thread = one end

function init(args)
  if args[1] then
    bodies = {}
    for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
end

function request()
  if not bodies then return wrk.format("GET") end
  n, began = n + 1, began or now()
  return wrk.format("POST", nil, nil, bodies[n] or bodies[#bodies])
end

function response()
  if not bodies or n < #bodies then return end
  ended = now()
  wrk.thread:stop()
end

function done(summary, latency)
  local errors, seconds = summary.errors, summary.duration / 1e6
  -- wrk itself waits until its time is up
  if thread:get("ended") then seconds = thread:get("ended") - thread:get("began") end
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.4f, "p50": %.3f, "p99": %.3f, "other": %d}\n',
    summary.requests, seconds,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout
  ))
end
