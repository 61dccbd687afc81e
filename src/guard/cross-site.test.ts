import { describe, expect, test } from "vitest";
import { isHeadFault } from "../http1/fields.ts";
import { parseRequestHead } from "../http1/request-head.ts";
import { judgeCrossSite, type PagePolicy } from "./cross-site.ts";
import { isOriginPattern } from "./origin.ts";

const PORT = 62893;
const policy: PagePolicy = {
  service: "shop/api",
  own: {
    doorPort: PORT,
    names: ["api.shop.localhost", "web.shop.localhost", "*.tenants.test"],
    addresses: [
      { host: "127.0.0.1", port: 61007 },
      { host: "127.62.0.5", port: 3000 },
      { host: "::1", port: 61009 },
    ],
  },
  origins: [],
};

interface Asked {
  method?: string;
  upgrade?: string;
  origin?: string;
  site?: string;
}

function verdict({ method = "POST", upgrade, origin, site }: Asked, allowed: string[] = []): number | null {
  const asked = {
    ...{ method, upgrade: upgrade ?? null, host: `api.shop.localhost:${PORT}` },
    ...{ origin: origin ?? null, fetchSite: site ?? null },
  };
  return judgeCrossSite(asked, { ...policy, origins: allowed })?.status ?? null;
}

describe("pages that may ask", () => {
  test.each([
    `http://api.shop.localhost:${PORT}`,
    `https://api.shop.localhost:${PORT}`,
    `http://web.shop.localhost:${PORT}`,
    `http://a.tenants.test:${PORT}`,
    "http://127.0.0.1:61007",
    "http://localhost:61007",
    "http://127.62.0.5:3000",
    "http://[::1]:61009",
    "http://localhost:61009",
  ])("%s is the stack's own", (origin) => {
    expect(verdict({ origin })).toBeNull();
    expect(verdict({ origin, site: "cross-site" })).toBeNull();
    expect(verdict({ method: "GET", upgrade: "websocket", origin })).toBeNull();
  });

  test.each([
    "https://evil.example",
    "http://evil.example:62893",
    "http://web.shop.localhost:3000",
    "http://web.shop.localhost",
    `http://web.shop.localhost.evil.example:${PORT}`,
    `http://evilweb.shop.localhost:${PORT}`,
    `http://tenants.test:${PORT}`,
    `http://eviltenants.test:${PORT}`,
    `http://other.localhost:${PORT}`,
    `http://localhost:${PORT}`,
    `http://127.0.0.1:${PORT}`,
    "http://127.0.0.1:61008",
    "http://127.0.0.1:3000",
    "http://0.0.0.0:61007",
    `http://web.shop.localhost:${PORT}/`,
    `http://web.shop.localhost:${PORT}, https://evil.example`,
    `ftp://web.shop.localhost:${PORT}`,
    "chrome-extension://abcdefgh",
    "null",
    "",
    "garbage",
  ])("%s is not", (origin) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PURGE"]) {
      expect(verdict({ method, origin }), method).toBe(403);
      // What a page has the browser say of itself never makes up for the origin.
      if (origin !== "null") expect(verdict({ method, origin, site: "same-origin" }), method).toBe(403);
    }
    expect(verdict({ method: "GET", upgrade: "websocket", origin })).toBe(403);
    expect(verdict({ method: "OPTIONS", origin })).toBeNull();
  });

  test("a read with an origin is refused to websites, and left to the service where it is a local page's", () => {
    for (const origin of [
      "https://evil.example",
      "null",
      "http://0.0.0.0:3000",
      "http://192.168.1.5:3000",
      "garbage",
    ]) {
      expect(verdict({ method: "GET", origin }), origin).toBe(403);
      expect(verdict({ method: "HEAD", origin }), origin).toBe(403);
    }
    for (const origin of [
      "http://localhost:3000",
      "http://127.0.0.1:8080",
      "http://a.b.localhost:1",
      "vscode-webview://x",
    ]) {
      expect(verdict({ method: "GET", origin }), origin).toBeNull();
    }
  });

  test("what no browser sent passes; one that names no origin is judged by its Sec-Fetch-Site", () => {
    expect(verdict({})).toBeNull();
    expect(verdict({ method: "GET", upgrade: "websocket" })).toBeNull();
    expect(verdict({ site: "same-origin" })).toBeNull();
    expect(verdict({ site: "none" })).toBeNull();
    expect(verdict({ site: "cross-site" })).toBe(403);
    expect(verdict({ site: "same-site" })).toBe(403);
    expect(verdict({ method: "GET", site: "cross-site" })).toBeNull();
  });

  test("a page without referrer is its own, a sandboxed frame is nobody's", () => {
    expect(verdict({ origin: "null", site: "same-origin" })).toBeNull();
    expect(verdict({ origin: "null", site: "same-site" })).toBe(403);
    expect(verdict({ origin: "null", site: "cross-site" })).toBe(403);
  });

  test("the config adds some", () => {
    expect(verdict({ origin: "https://app.example" }, ["https://app.example"])).toBeNull();
    expect(verdict({ origin: "https://app.example:443" }, ["https://app.example"])).toBeNull();
    expect(verdict({ origin: "http://app.example" }, ["https://app.example"])).toBe(403);
    expect(verdict({ origin: "https://app.example:8443" }, ["https://app.example"])).toBe(403);
    expect(verdict({ origin: "https://a.b.example.com" }, ["https://*.example.com"])).toBeNull();
    expect(verdict({ origin: "https://example.com" }, ["https://*.example.com"])).toBe(403);
    expect(verdict({ origin: "https://evilexample.com" }, ["https://*.example.com"])).toBe(403);
    expect(verdict({ origin: "tauri://localhost" }, ["tauri://localhost"])).toBeNull();
    expect(verdict({ origin: "null" }, ["null"])).toBeNull();
    expect(verdict({ origin: "https://evil.example" }, ["*"])).toBeNull();
    expect(verdict({ origin: "null" }, ["*"])).toBeNull();
  });
});

test("a second Origin doesn't hide the first", () => {
  const head = parseRequestHead(
    `POST / HTTP/1.1\r\nHost: api.shop.localhost:${PORT}\r\n` +
      `Origin: http://web.shop.localhost:${PORT}\r\norigin: https://evil.example\r\n\r\n`,
  );
  if (isHeadFault(head)) throw new Error(head.reason);
  expect(judgeCrossSite({ ...head, host: head.hostField }, policy)?.status).toBe(403);
});

test("a refusal names the page, the service and the line that allows it", () => {
  const asked = {
    method: "PUT",
    upgrade: null,
    host: `api.shop.localhost:${PORT}`,
    origin: "https://a.example",
    fetchSite: null,
  };
  expect(judgeCrossSite(asked, policy)).toMatchObject({
    check: "cross-site",
    status: 403,
    allow: 'guard: { origins: ["https://a.example"] }',
    fault: {
      fault: "CROSS_SITE",
      message: "PUT to shop/api by a page of https://a.example was refused: it is outside the stack",
    },
  });
});

test("patterns in the config are origins", () => {
  for (const text of [
    "*",
    "null",
    "https://app.example",
    "https://*.app.example",
    "http://localhost:3000",
    "tauri://localhost",
  ]) {
    expect(isOriginPattern(text), text).toBe(true);
  }
  for (const text of ["", "app.example", "https://app.example/", "https://", "https://a b", "https://*", "*.example"]) {
    expect(isOriginPattern(text), text).toBe(false);
  }
});
