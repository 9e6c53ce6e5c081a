-- Places three-line orders, each under a UUIDv7 of its own, and writes down the id of every order that was acknowledged.
-- Started by bench/orders.ts, with ACKNOWLEDGED_FILE, SUMMARY_FILE and SKUS in the environment.
local threads = {}
function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init()
  acknowledged = io.open(os.getenv("ACKNOWLEDGED_FILE"), "a")
  skus = tonumber(os.getenv("SKUS"))
  count = 0
  started = os.time() * 1000
  math.randomseed(started + number)
end

-- RFC 9562, section 5.7: 48 bits of time, which here goes on by a millisecond with every eighth order, then random bits.
local function uuid7()
  local ms = started + math.floor(count / 8)
  local high, low = math.floor(ms / 65536), ms % 65536
  return string.format("%08x-%04x-7%03x-%04x-%04x%08x", high, low, count % 4096, 0x8000 + math.random(0, 0x3fff),
    number, count)
end

local function line()
  return string.format('{"sku":"BENCH-%d","quantity":%d}', math.random(1, skus), math.random(1, 9))
end

function request()
  count = count + 1
  local body = string.format('{"currency":"GBP","customerId":"cus_%d","country":"United Kingdom","lines":[%s,%s,%s]}',
    math.random(1, 5000), line(), line(), line())
  return wrk.format("POST", "/v1/orders", { ["content-type"] = "application/json", ["idempotency-key"] = uuid7() }, body)
end

function response(status, _, body)
  local id = status == 201 and body:match('"id":"([^"]+)"')
  acknowledged:write(id or ("! " .. status .. " " .. body), "\n")
end

function done(summary, latency)
  local file = io.open(os.getenv("SUMMARY_FILE"), "w")
  file:write(string.format(
    '{"durationUs":%d,"requests":%d,"p50Us":%d,"p90Us":%d,"p99Us":%d,"p999Us":%d,"maxUs":%d,"socketErrors":%d}',
    summary.duration, summary.requests, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    latency:percentile(99.9), latency.max,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
  file:close()
end
