import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fault } from "../../fault/fault.ts";
import type { PageFacts } from "./facts.ts";
import { type PageKind, page } from "./page.ts";
import { SCRIPT_HASH } from "./reload.ts";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;`;
const NAMES = ["*.shop.localhost", "127.0.0.1", "[::1]", "api.shop.localhost", "cove.localhost", "web.shop.localhost"];
const KINDS: readonly [PageKind, PageFacts, status: number, code: string][] = [
  ["unknown-name", { host: "x.localhost:62893", names: NAMES, port: 62893 }, 421, "NAME_UNKNOWN"],
  ["starting", { host: "web.shop.localhost", service: "shop/web" }, 503, "SERVICE_STARTING"],
  ["down", { host: "web.shop.localhost", service: "shop/web" }, 502, "UPSTREAM_DOWN"],
  ["gateway", { host: "web.shop.localhost", service: "shop/web", reason: "EPROTO" }, 502, "UPSTREAM_DOWN"],
  [
    "gateway",
    { host: "web.shop.localhost", service: "shop/web", shape: { edge: "browser→web", text: "offline" } },
    502,
    "UPSTREAM_DOWN",
  ],
  ["timeout", { host: "web.shop.localhost", service: "shop/web" }, 504, "UPSTREAM_DOWN"],
  ["loop", { host: "web.shop.localhost" }, 508, "LOOP_DETECTED"],
  ...[400, 405, 408, 413, 414, 417, 431, 501, 505].map((status): [PageKind, PageFacts, number, string] => [
    "bad-request",
    { host: "", status, reason: "a head over 16384 bytes" },
    status,
    "REQUEST_INVALID",
  ]),
  ["bad-request", { host: "", status: 400, reason: "more than one Host" }, 400, "HOST_MISSING"],
];

describe("every page", () => {
  test.each(KINDS)(
    "%s %j is a whole document with its status, and a fault that says the next step",
    (kind, facts, status, code) => {
      const made = page(kind, facts);
      expect(made.status).toBe(status);
      expect(made.fault.fault).toBe(code);
      expect(made.fault.hint).toMatch(/\w{2}/);
      expect(made.html).toMatch(/^<!doctype html><html lang="en">.*<\/html>\n$/s);
      expect(made.html).toContain(`${status}<code>${code}</code>`);
      expect(made.html.match(/<h1>[^<]+<\/h1>/g)).toHaveLength(1);
    },
  );

  test.each(KINDS)("%s %j has no script but the one that reloads it, and nothing from elsewhere", (kind, facts) => {
    const { html: whole } = page(kind, { ...facts, repeatable: true, readyAt: 1 });
    const html = whole.replace(/<script>([^<]*)<\/script>/, (_, script: string) => {
      expect(SCRIPT_HASH).toBe(`sha256-${createHash("sha256").update(script).digest("base64")}`);
      return "";
    });
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=|src=/i);
    for (const [, url] of html.matchAll(/href="([^"]*)"/g)) expect(url).toMatch(/^\/\/[a-z.-]+\.localhost:62893\/$/);
  });

  test.each(KINDS)("%s %j escapes whatever came from outside", (kind, facts) => {
    const { html } = page(kind, {
      ...facts,
      host: HOSTILE,
      names: [HOSTILE, `${HOSTILE}.localhost`],
      service: HOSTILE,
      upstream: { path: HOSTILE },
      log: [HOSTILE, `\x1b[31m${HOSTILE}\x1b[0m`],
      cause: fault("CRASH_LOOP", HOSTILE, HOSTILE),
      reason: HOSTILE,
      ...(facts.shape && { shape: { edge: HOSTILE, text: HOSTILE } }),
    });
    expect(html).not.toMatch(/<script|<img|alert\(1\)<\/script>/i);
    expect(html).not.toContain(`'alert(2)'`);
    // What is left of markup is the page's own: every tag is one of these.
    const tags = new Set([...html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, tag]) => tag));
    const own =
      "!doctype html head meta title style body main svg path circle span a p code h1 h2 pre i ul li br".split(" ");
    for (const tag of tags) expect(own).toContain(tag);
  });
});

describe("the page of an unknown name", () => {
  const html = (host: string, names = NAMES) => page("unknown-name", { host, names, port: 62893 }).html;

  test("links the names that exist, without wildcards and Cove's own", () => {
    const links = [...html("x.localhost").matchAll(/<li><a href="([^"]+)">([^<]+)<\/a>/g)].map(([, url, text]) => [
      url,
      text,
    ]);
    expect(links).toEqual([
      ["//api.shop.localhost:62893/", "api.shop.localhost"],
      ["//web.shop.localhost:62893/", "web.shop.localhost"],
    ]);
  });

  test.each([
    ["wbe.shop.localhost:62893", "web.shop.localhost"],
    ["WEB.SHOP.localhost.", "web.shop.localhost"],
    ["web-shop.localhost", "web.shop.localhost"],
    ["aip.shop.localhost", "api.shop.localhost"],
  ])("takes %s for a slip of %s", (host, meant) => {
    const { fault, html } = page("unknown-name", { host, names: NAMES, port: 62893 });
    expect(fault.hint).toBe(`did you mean ${meant}?`);
    expect(html).toContain(`Did you mean <a href="//${meant}:62893/">${meant}</a>?`);
  });

  test.each(["grafana.localhost", "q.localhost", "something-else-entirely.localhost"])(
    "takes %s for nothing else",
    (host) => {
      expect(html(host)).not.toContain("Did you mean");
    },
  );

  test("says which commands make the name, or another where they can't make this one", () => {
    expect(html("grafana.localhost")).toContain("cove alias grafana 3000");
    expect(html("grafana.localhost")).toContain("cove run --name grafana -- npm run dev");
    expect(html("pay.shop.localhost")).toContain("cove alias pay.shop 3000");
    expect(html("pay.shop.localhost")).not.toContain("cove run --name pay.shop");
    expect(html("$(reboot).localhost")).not.toContain("cove run --name $(reboot)");
    expect(html("$(reboot).localhost")).toContain("cove alias my-app 3000");
  });

  test.each(["evil.example", "localhost.evil.example", "a.local", "api.shop"])(
    "tells %s, which could be a stranger's, no names",
    (host) => {
      const { fault, html } = page("unknown-name", { host, names: NAMES, port: 62893 });
      expect(html).not.toContain("web.shop");
      expect(JSON.stringify(fault)).not.toContain("web.shop");
    },
  );

  test.each(["x", "0.0.0.0:62893", "[::2]:62893", "x.test"])("tells %s the names", (host) => {
    expect(html(host)).toContain("web.shop.localhost");
  });

  test("answers a name of 16 KiB among a thousand with half a second of work", () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `service-${n}.shop.localhost`);
    // CPU time of this thread: what others do on this machine meanwhile doesn't count.
    const began = process.threadCpuUsage();
    page("unknown-name", { host: "a".repeat(16_000), names });
    page("unknown-name", { host: "service-x.shop.localhost", names });
    const { user, system } = process.threadCpuUsage(began);
    expect((user + system) / 1_000).toBeLessThan(500);
  });
});

describe("the page of a service", () => {
  const facts = { host: "web.shop.localhost", service: "shop/web", port: 62893 };

  test("that starts shows the log in plain characters", () => {
    const { html } = page("starting", { ...facts, log: ["\x1b[32m➜\x1b[39m  ready\x07 in <1 s>", "a\tb"] });
    expect(html).toContain("➜  ready in &lt;1 s&gt;\na\tb</pre>");
    expect(html).toContain("cove logs -f shop/web");
  });

  test.each([
    ["starting", ""],
    ["down", ""],
    ["gateway", "1700000000000"],
    ["timeout", "1700000000000"],
  ] as const)("%s reloads itself, unless the request may not be sent again", (kind, after) => {
    const { html } = page(kind, { ...facts, repeatable: true, readyAt: 1_700_000_000_000 });
    expect(html).toContain(`<html lang="en" data-after="${after}">`);
    expect(html).toMatch(/<noscript><meta http-equiv="refresh" content="\d+"><\/noscript>/);
    expect(html).toContain("reloads by itself");
    expect(page(kind, { ...facts, repeatable: false, readyAt: 1 }).html).not.toMatch(/<script|http-equiv|by itself/);
  });

  test("that gave no answer waits for a new start, and for nothing where none can be seen", () => {
    expect(page("gateway", { ...facts, repeatable: true, readyAt: null }).html).not.toContain("<script");
  });

  test("shows the last lines of a long log", () => {
    const { html } = page("down", { ...facts, log: Array.from({ length: 500 }, (_, n) => `line ${n}.`) });
    expect(html).toContain("line 499.");
    expect(html).not.toContain("line 100.");
  });

  test("that is down says the cause, what helps, and the next commands", () => {
    const cause = fault("CRASH_LOOP", "shop/web ended 5 times\nport 61007 is held by node", "free the port");
    const made = page("down", { ...facts, cause });
    expect(made.fault).toMatchObject({ message: cause.message, hint: "free the port" });
    expect(made.html).toContain("<p>shop/web ended 5 times<br>port 61007 is held by node</p>");
    expect(made.html).toContain("cove restart shop/web");
    expect(made.html).not.toContain("http-equiv");
  });

  test("that is down without a known cause names the address", () => {
    const upstream = { host: "::1", port: 61007 };
    expect(page("down", { ...facts, upstream, reason: "ECONNREFUSED" }).fault.message).toBe(
      "shop/web does not answer: nothing listens at [::1]:61007",
    );
    expect(page("down", { ...facts, upstream, reason: "EHOSTUNREACH" }).fault.message).toContain("EHOSTUNREACH");
  });

  test("behind an alias offers no commands that only a stack's services have", () => {
    const alias = { host: "pay.localhost", service: "alias/pay", upstream: { host: "127.0.0.1", port: 3000 } };
    for (const kind of ["down", "gateway", "timeout"] as const) {
      const made = page(kind, { ...alias, reason: "ECONNREFUSED" });
      expect(made.html + made.fault.hint).not.toMatch(/cove (logs|restart)/);
      expect(made.html).toContain("pay");
    }
    expect(page("down", { ...alias, reason: "ECONNREFUSED" }).fault.message).toBe(
      "pay does not answer: nothing listens at 127.0.0.1:3000",
    );
  });
});
