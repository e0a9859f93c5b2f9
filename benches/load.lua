-- Sends the requests of the file $REQUESTS in turn: METHOD, PATH, HEADER: VALUE and BODY of each, parted by tabs.

local made, at, threads = {}, 0, 0
number = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init()
    for line in io.lines(os.getenv("REQUESTS")) do
        local method, path, header, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
        local headers = {}
        if header ~= "" then
            local name, value = header:match("^([^:]+): (.*)$")
            headers[name] = value
        end
        if body ~= "" then
            headers["Content-Type"] = "application/json"
        else
            body = nil
        end
        made[#made + 1] = wrk.format(method, path, headers, body)
    end
    -- each thread begins elsewhere, so that they do not ask in step
    at = math.floor(#made * number / 2)
end

function request()
    at = at % #made + 1
    return made[at]
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        'RESULT {"requests":%d,"micros":%d,"bytes":%d,"bad":%d,"broken":%d,"p50":%d,"p99":%d}\n',
        summary.requests, summary.duration, summary.bytes, e.status,
        e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
