-- Requests as browsers send them, a thousand different ones in turn: pages, calls of an API and images, each with a path,
-- a query, a cookie and a referer of its own; about 600 bytes.
-- wrk -s varied.lua http://127.0.0.1:PORT -- PORT ROUTES

local COUNT = 1000
local AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
local KINDS = {
  {
    path = "/shop/%d/offers", query = "?page=%d&sort=price&ref=mail-%d",
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", dest = "document", mode = "navigate",
  },
  {
    path = "/api/v2/orders/%d", query = "?after=%d&fields=id,total,state&cursor=%d",
    accept = "application/json", dest = "empty", mode = "cors",
  },
  {
    path = "/assets/photo-%d.webp", query = "?w=%d&v=%d",
    accept = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5", dest = "image", mode = "no-cors",
  },
}

-- The names of bench/peers/peer.ts: one of them for each request, spread over all of them.
local function name(n, routes)
  if routes == 1 then return "web.bench.localhost" end
  return "r" .. (n * math.max(1, math.floor(routes / COUNT))) % routes + 1 .. ".bench.localhost"
end

-- Some 170 bytes that look random and are the same in each run.
local function cookie(n)
  local digits = {}
  for part = 1, 4 do digits[part] = string.format("%08x%08x", (n * 2654435761 + part * 40503) % 2 ^ 32, n * 7919 * part) end
  return "session=" .. table.concat(digits) .. "; theme=" .. (n % 2 == 0 and "dark" or "light") .. "; cart=" .. n * 31 ..
    "; consent=necessary.statistics; seen=" .. n % 97 .. "." .. n % 13
end

local requests = {}

function init(args)
  local port, routes = args[1], tonumber(args[2] or "1")
  for n = 1, COUNT do
    local kind = KINDS[n % #KINDS + 1]
    local host = name(n, routes) .. ":" .. port
    local path = string.format(kind.path, n) .. string.format(kind.query, n % 37, n * 101)
    requests[n] = table.concat({
      "GET " .. path .. " HTTP/1.1",
      "Host: " .. host,
      "User-Agent: " .. AGENT,
      "Accept: " .. kind.accept,
      "Accept-Language: en-US,en;q=0.5",
      "Accept-Encoding: gzip, deflate, br, zstd",
      "Connection: keep-alive",
      "Referer: http://" .. host .. "/shop/" .. n % 211,
      "Cookie: " .. cookie(n),
      "Sec-Fetch-Dest: " .. kind.dest,
      "Sec-Fetch-Mode: " .. kind.mode,
      "Sec-Fetch-Site: same-origin",
      "Priority: u=" .. n % 5,
      "",
      "",
    }, "\r\n")
  end
end

local next = 0

function request()
  next = next % COUNT + 1
  return requests[next]
end
