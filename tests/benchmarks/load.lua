-- Posts each line of the file that is named once, or gets the address again and again; then tells
-- in one line of JSON what came back.
local bodies, n = nil, 0

function init(args)
  if args[1] then
    bodies = {}
    for line in io.lines(args[1]) do bodies[#bodies + 1] = line end
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  end
end

function request()
  if not bodies then return wrk.format("GET") end
  n = n + 1
  return wrk.format("POST", nil, nil, bodies[n] or bodies[#bodies])
end

function response()
  if bodies and n >= #bodies then wrk.thread:stop() end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.4f, "p50": %.3f, "p99": %.3f, "other": %d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout
  ))
end
