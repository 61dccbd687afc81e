import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import {
  type Proxy as Proxied,
  type ToxicDirection,
  type ToxicType,
  Toxiproxy,
  ToxiproxyError,
} from "toxiproxy-node-client";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";

// The published client of Toxiproxy, unchanged, at a real `cove toxiproxy`. Times are only ever compared with what may not be
// undercut; how exact they are is bench/conditions.ts's business.

let sandbox: Sandbox | undefined;
let client: Toxiproxy;
const open: (() => unknown)[] = [];

/** One server for all tests; each finds it empty. */
async function started(): Promise<Sandbox> {
  if (sandbox !== undefined) return sandbox;
  sandbox = await coveSandbox();
  const server = await sandbox.start(["toxiproxy", "--port", "0", "--seed", "7"]);
  const [, url = ""] = await server.waitFor(/toxiproxy API {2}(\S+)/);
  client = new Toxiproxy(url);
  return sandbox;
}
beforeEach(async () => {
  await started();
  for (const proxy of Object.values(await client.getAll())) await proxy.remove();
});
afterAll(async () => {
  await sandbox?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const echo = (socket: Socket) => void socket.pipe(socket);

/** A service; gives its address. */
async function service(onSocket: (socket: Socket) => void = echo, host = "127.0.0.1"): Promise<string> {
  const sockets = new Set<Socket>();
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await new Promise<void>((resolve) => listener.listen(0, host, resolve));
  open.push(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });
  return `${host}:${(listener.address() as AddressInfo).port}`;
}

async function proxyTo(upstream: string, name = "one"): Promise<Proxied> {
  return await client.createProxy({ name, listen: "localhost:0", upstream });
}

const toxic = <T>(
  type: ToxicType,
  attributes: T,
  more: { stream?: ToxicDirection; toxicity?: number; name?: string } = {},
) => {
  const { stream = "downstream", toxicity = 1, name = `${type}_${stream}` } = more;
  return { name, type, stream, toxicity, attributes };
};

const hostAndPort = (at: string) => ({ host: at.replace(/:\d+$/, ""), port: Number(at.replace(/^.*:/, "")) });

/** A connection, what came over it, and how it ended. */
function dial(proxy: Proxied) {
  const socket = connect({ ...hostAndPort(proxy.listen), allowHalfOpen: true });
  const parts: Buffer[] = [];
  const waiting: (() => void)[] = [];
  let ended: string | null = null;
  const told = () => {
    for (const wake of waiting.splice(0)) wake();
  };
  socket.on("data", (chunk) => {
    parts.push(chunk);
    told();
  });
  socket.once("end", () => {
    ended ??= "FIN";
    told();
  });
  socket.on("error", ({ code }: NodeJS.ErrnoException) => {
    ended ??= code ?? "error";
    told();
  });
  open.push(() => socket.destroy());
  const text = () => Buffer.concat(parts).toString("latin1");
  const until = async (check: () => boolean) => {
    while (!check()) await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    socket,
    parts,
    text,
    ended: () => ended,
    /** Waits for so many bytes. */
    bytes: (count: number) => until(() => Buffer.concat(parts).length >= count),
    end: async () => {
      await until(() => ended !== null);
      return ended;
    },
    /** Sends and waits for the echo; ms that it took. */
    ping: async (message = "ping") => {
      const already = Buffer.concat(parts).length;
      const start = performance.now();
      socket.write(message);
      await until(() => ended !== null || Buffer.concat(parts).length >= already + message.length);
      return performance.now() - start;
    },
  };
}

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
describe("proxies", () => {
  test("are made, found, listed, changed and removed", async () => {
    const upstream = await service();
    const proxy = await proxyTo(upstream);
    expect(proxy.listen).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(proxy.toJson()).toEqual({ name: "one", listen: proxy.listen, upstream, enabled: true });
    await proxyTo(upstream, "two");
    expect(Object.keys(await client.getAll())).toEqual(["one", "two"]);
    expect((await client.get("one")).listen).toBe(proxy.listen);
    expect(await client.getVersion()).toMatch(/^\{"version": "2\.\d+\.\d+/);
    await expect(proxyTo(upstream)).rejects.toThrow(ToxiproxyError);
    await expect(proxyTo(upstream)).rejects.toThrow("Request failed with status code 409");
    await expect(client.createProxy({ name: "x", listen: "", upstream: "" })).rejects.toThrow("status code 400");
    await expect(client.createProxy({ name: "x", listen: proxy.listen, upstream })).rejects.toThrow("status code 500");
    await proxy.remove();
    await expect(client.get("one")).rejects.toThrow("status code 404");
    await expect(proxy.remove()).rejects.toThrow("status code 404");
    const gone = dial(proxy);
    expect(await gone.end()).toBe("ECONNREFUSED");
  });

  test("down cuts connections with a plain end and refuses new ones, up again listens at the same address", async () => {
    const proxy = await proxyTo(await service());
    const before = dial(proxy);
    await before.ping();
    const down = await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
    expect(down.enabled).toBe(false);
    expect(await before.end()).toBe("FIN");
    expect(await dial(proxy).end()).toBe("ECONNREFUSED");
    await proxy.update({ enabled: true, listen: proxy.listen, upstream: proxy.upstream });
    const after = dial(proxy);
    await after.ping("again");
    expect(after.text()).toBe("again");
  });

  test("another upstream cuts connections, and new ones lead there; toxics stay", async () => {
    const proxy = await proxyTo(await service((socket) => socket.write("old")));
    await proxy.addToxic(toxic("latency", { latency: 30, jitter: 0 }));
    const before = dial(proxy);
    await before.bytes(3);
    const upstream = await service((socket) => socket.write("new"));
    const moved = await proxy.update({ enabled: true, listen: proxy.listen, upstream });
    expect(moved.listen).toBe(proxy.listen);
    expect(await before.end()).toBe("FIN");
    const start = performance.now();
    const after = dial(proxy);
    await after.bytes(3);
    expect(performance.now() - start).toBeGreaterThanOrEqual(30);
    expect(after.text()).toBe("new");
  });

  test("lead to names and to both families", async () => {
    const v4 = await service();
    const v6 = hostAndPort(await service(echo, "::1")).port;
    for (const upstream of [v4.replace("127.0.0.1", "localhost"), `[::1]:${v6}`, v4.replace("127.0.0.1", "")]) {
      const through = dial(await proxyTo(upstream, upstream));
      await through.ping();
      expect(through.text()).toBe("ping");
    }
  });

  test("keep a half-close: what is answered after the client's end arrives", async () => {
    const proxy = await proxyTo(
      await service((socket) => {
        socket.resume();
        socket.on("end", () => setTimeout(() => socket.end("late answer"), 50));
      }),
    );
    const through = dial(proxy);
    through.socket.end("question");
    expect(await through.end()).toBe("FIN");
    expect(through.text()).toBe("late answer");
  });

  test("populate keeps what is the same and replaces what differs; reset enables all and takes every toxic", async () => {
    const upstream = await service();
    const [one, two] = [await proxyTo(upstream, "one"), await proxyTo(upstream, "two")];
    await one.addToxic(toxic("latency", { latency: 1, jitter: 0 }));
    await two.addToxic(toxic("latency", { latency: 1, jitter: 0 }));
    const other = await service();
    const populated = await client.populate([
      { name: "one", listen: one.listen, upstream, enabled: false },
      { name: "two", listen: two.listen, upstream: other },
      { name: "three", listen: "127.0.0.1:0", upstream, enabled: false },
    ]);
    expect(Object.values(populated).map(({ name, enabled }) => [name, enabled])).toEqual([
      ["one", true],
      ["two", true],
      ["three", false],
    ]);
    expect((await one.getToxic("latency_downstream")).attributes).toEqual({ latency: 1, jitter: 0 });
    await expect(two.getToxic("latency_downstream")).rejects.toThrow("status code 404");
    await client.reset();
    expect((await client.get("three")).enabled).toBe(true);
    await expect(one.getToxic("latency_downstream")).rejects.toThrow("status code 404");
    await expect(client.populate([{ name: "x", listen: "", upstream: "" }])).rejects.toThrow("status code 400");
  });
});

describe("toxics", () => {
  test("are added, found, changed and removed", async () => {
    const proxy = await proxyTo(await service());
    const added = await proxy.addToxic(toxic("latency", { latency: 5, jitter: 1 }));
    expect(added.toJson()).toEqual(toxic("latency", { latency: 5, jitter: 1 }));
    await expect(proxy.addToxic(toxic("latency", {}))).rejects.toThrow("status code 409");
    await expect(proxy.addToxic(toxic("down", {}))).rejects.toThrow("status code 400");
    const changed = await added.update({ ...added.toJson(), toxicity: 0.5, attributes: { latency: 9, jitter: 0 } });
    expect(changed.toJson()).toMatchObject({ toxicity: 0.5, attributes: { latency: 9, jitter: 0 } });
    expect((await proxy.getToxic("latency_downstream")).toJson()).toEqual(changed.toJson());
    await changed.remove();
    await expect(changed.remove()).rejects.toThrow("status code 404");
    await expect(changed.update(changed.toJson())).rejects.toThrow("status code 404");
  });

  test("latency holds each stream back by its own, on connections that are open, too", async () => {
    const proxy = await proxyTo(await service());
    const through = dial(proxy);
    await through.ping();
    const up = await proxy.addToxic(toxic("latency", { latency: 60, jitter: 0 }, { stream: "upstream" }));
    await proxy.addToxic(toxic("latency", { latency: 40, jitter: 10 }));
    expect(await through.ping()).toBeGreaterThanOrEqual(90);
    expect(await dial(proxy).ping()).toBeGreaterThanOrEqual(90);
    // A shorter one reaches what is on its way, and nothing is lost when it goes.
    await up.update({ ...up.toJson(), attributes: { latency: 3_600_000, jitter: 0 } });
    const late = through.ping("late");
    await pass(50);
    await up.update({ ...up.toJson(), attributes: { latency: 1, jitter: 0 } });
    await late;
    await up.update({ ...up.toJson(), attributes: { latency: 3_600_000, jitter: 0 } });
    const last = through.ping("last");
    await pass(50);
    await up.remove();
    await last;
    expect(through.text()).toBe("pingpinglatelast");
  });

  test("bandwidth counts KB of 1,000 bytes per second; 0 lets nothing pass until it's changed", async () => {
    const block = randomBytes(50_000);
    const proxy = await proxyTo(await service((socket) => socket.write(block)));
    const line = await proxy.addToxic(toxic("bandwidth", { rate: 100 }));
    const start = performance.now();
    const through = dial(proxy);
    await through.bytes(50_000);
    expect(performance.now() - start).toBeGreaterThanOrEqual(450);
    expect(Buffer.concat(through.parts).equals(block)).toBe(true);
    await line.update({ ...line.toJson(), attributes: { rate: 0 } });
    const blocked = dial(proxy);
    await pass(150);
    expect(blocked.text()).toBe("");
    await line.update({ ...line.toJson(), attributes: { rate: 10_000 } });
    await blocked.bytes(50_000);
    // Toxiproxy takes these and crashes at the first byte.
    await expect(proxy.addToxic(toxic("bandwidth", { rate: -1 }, { name: "minus" }))).rejects.toThrow(
      "status code 400",
    );
  });

  test("slow_close holds the end back, not the bytes", async () => {
    const proxy = await proxyTo(await service((socket) => socket.end("bye")));
    await proxy.addToxic(toxic("slow_close", { delay: 200 }));
    const start = performance.now();
    const through = dial(proxy);
    await through.bytes(3);
    expect(through.ended()).toBeNull();
    expect(await through.end()).toBe("FIN");
    expect(performance.now() - start).toBeGreaterThanOrEqual(200);
  });

  test("timeout passes nothing, begins anew with each chunk, and closes; 0 never does until it's removed", async () => {
    const proxy = await proxyTo(await service());
    const cut = await proxy.addToxic(toxic("timeout", { timeout: 2_000 }));
    const start = performance.now();
    const through = dial(proxy);
    await pass(500);
    through.socket.write("x");
    await through.end();
    expect(performance.now() - start).toBeGreaterThanOrEqual(2_450);
    expect([through.ended(), through.text()]).toEqual(["FIN", ""]);
    await cut.update({ ...cut.toJson(), attributes: { timeout: 0 } });
    const never = dial(proxy);
    never.socket.write("lost");
    await pass(200);
    expect(never.ended()).toBeNull();
    await cut.remove();
    expect(await never.end()).toBe("FIN");
    expect(never.text()).toBe("");
  });

  test("reset_peer sends a real RST after the first bytes, on connections that are open, too", async () => {
    const proxy = await proxyTo(await service());
    const existing = dial(proxy);
    await existing.ping();
    await proxy.addToxic(toxic("reset_peer", { timeout: 100 }));
    expect(await existing.ping("more")).toBeGreaterThanOrEqual(99);
    expect([existing.ended(), existing.text()]).toEqual(["ECONNRESET", "ping"]);
    const fresh = dial(proxy);
    await pass(150);
    expect(fresh.ended()).toBeNull();
    await fresh.ping();
    expect(fresh.ended()).toBe("ECONNRESET");
  });

  test("slicer cuts into pieces, and without a size cuts nothing", async () => {
    const proxy = await proxyTo(await service((socket) => socket.write("x".repeat(1_000))));
    const cutter = await proxy.addToxic(toxic("slicer", { average_size: 100, size_variation: 20, delay: 20_000 }));
    const start = performance.now();
    const through = dial(proxy);
    await through.bytes(1_000);
    // Nine pauses or so: a reader that is busy gets several pieces at once, but no sooner.
    expect(performance.now() - start).toBeGreaterThanOrEqual(120);
    await cutter.update({ ...cutter.toJson(), attributes: { average_size: 0, size_variation: 0, delay: 0 } });
    const whole = dial(proxy);
    await whole.bytes(1_000);
    expect(whole.text()).toBe("x".repeat(1_000));
  });

  test("limit_data closes after so many bytes, counted over changes", async () => {
    const proxy = await proxyTo(await service());
    const some = await proxy.addToxic(toxic("limit_data", { bytes: 10 }));
    const through = dial(proxy);
    await through.ping("1234");
    await some.update({ ...some.toJson(), attributes: { bytes: 7 } });
    await through.ping("5678");
    expect([await through.end(), through.text()]).toEqual(["FIN", "1234567"]);
    await some.update({ ...some.toJson(), attributes: { bytes: 0 } });
    const none = dial(proxy);
    await none.ping();
    expect([none.ended(), none.text()]).toEqual(["FIN", ""]);
  });

  test("stand in the order of adding, each stream with its own; upstream is listed first", async () => {
    const proxy = await proxyTo(await service());
    await proxy.addToxic(toxic("limit_data", { bytes: 4 }, { name: "first" }));
    await proxy.addToxic(toxic("latency", { latency: 100, jitter: 0 }, { name: "second" }));
    await proxy.addToxic(toxic("latency", { latency: 50, jitter: 0 }, { name: "up", stream: "upstream" }));
    const answer = await fetch(`${client.host}/proxies/one/toxics`);
    expect(((await answer.json()) as { name: string }[]).map(({ name }) => name)).toEqual(["up", "first", "second"]);
    const through = dial(proxy);
    // The limit's bytes still go through the latency behind it.
    expect(await through.ping("123456789")).toBeGreaterThanOrEqual(150);
    expect([await through.end(), through.text()]).toEqual(["FIN", "1234"]);
  });

  test("toxicity is a share of connections, drawn from the seed", async () => {
    const proxy = await proxyTo(await service());
    const some = await proxy.addToxic(toxic("reset_peer", { timeout: 0 }, { toxicity: 0.5 }));
    const fates: (string | null)[] = [];
    for (let n = 0; n < 24; n++) {
      const through = dial(proxy);
      await through.ping();
      fates.push(through.ended());
      through.socket.destroy();
    }
    expect(new Set(fates)).toEqual(new Set(["ECONNRESET", null]));
    await some.update({ ...some.toJson(), toxicity: 0 });
    const spared = dial(proxy);
    await spared.ping();
    expect(spared.text()).toBe("ping");
    await some.update({ ...some.toJson(), toxicity: 1 });
    await spared.ping();
    expect(spared.ended()).toBe("ECONNRESET");
  });

  test("nothing is lost however toxics come and go on a stream", async () => {
    const proxy = await proxyTo(await service());
    const sent = randomBytes(4 << 20);
    const through = dial(proxy);
    let done = false;
    const churn = (async () => {
      for (let n = 0; !done && n < 200; n++) {
        const stream = n % 2 === 0 ? "upstream" : "downstream";
        const one = await proxy.addToxic(toxic("latency", { latency: 5, jitter: 3 }, { name: `l${n}`, stream }));
        const two = await proxy.addToxic(
          toxic("slicer", { average_size: 9_000, size_variation: 10, delay: 0 }, { stream }),
        );
        const line = await proxy.addToxic(toxic("bandwidth", { rate: 60_000 }, { stream }));
        await line.update({ ...line.toJson(), attributes: { rate: 90_000 } });
        await Promise.all([line.remove(), one.remove(), two.remove()]);
      }
    })();
    through.socket.end(sent);
    expect(await through.end()).toBe("FIN");
    done = true;
    await churn;
    expect(Buffer.concat(through.parts).equals(sent)).toBe(true);
  });
});

test("metrics count what came and what was delivered, for proxies that are gone as well", async () => {
  const upstream = await service();
  const proxy = await proxyTo(upstream, "counted");
  const through = dial(proxy);
  await through.ping("12345");
  await proxy.addToxic(toxic("timeout", { timeout: 0 }));
  through.socket.write("678");
  await expect
    .poll(async () => (await (await fetch(`${client.host}/metrics`)).text()).match(/^\w+\{.*"counted".*$/gm)?.sort())
    .toEqual(
      ["received", "sent"].flatMap((what) =>
        ["downstream", "upstream"].map((direction) => {
          const count = direction === "downstream" && what === "sent" ? 5 : 8;
          const labels = `direction="${direction}",listener="${proxy.listen}",proxy="counted",upstream="${upstream}"`;
          return `toxiproxy_proxy_${what}_bytes_total{${labels}} ${count}`;
        }),
      ),
    );
  await proxy.remove();
  expect(await (await fetch(`${client.host}/metrics`)).text()).toContain('proxy="counted"');
});

describe("who may ask", () => {
  const status = async (headers: Record<string, string>) => {
    const { host, port } = hostAndPort(client.host.replace("http://", ""));
    const socket = connect(port, host);
    const head = Object.entries({ Host: `${host}:${port}`, ...headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    socket.end(`GET /proxies HTTP/1.1\r\n${head.join("")}Connection: close\r\n\r\n`);
    let text = "";
    for await (const chunk of socket) text += chunk;
    return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  };

  test("not pages: by their agent, their origin, or a rebound name", async () => {
    expect(await status({})).toBe("200");
    expect(await status({ "User-Agent": "Mozilla/5.0" })).toBe("403");
    expect(await status({ Origin: "http://evil.example" })).toBe("403");
    expect(await status({ Host: "evil.example:8474" })).toBe("421");
    expect(await status({ Host: "toxiproxy:8474" })).toBe("200");
  });

  test("proxies listen on loopback alone, and the answer says so", async () => {
    for (const listen of ["0.0.0.0:0", "[::]:0"]) {
      const body = JSON.stringify({ name: "wide", listen, upstream: "127.0.0.1:1" });
      const answer = await fetch(`${client.host}/proxies`, { method: "POST", body });
      expect(answer.status).toBe(403);
      expect(((await answer.json()) as { error: string }).error).toContain("start cove toxiproxy with --expose");
    }
    const nowhere = await client.createProxy({ name: "narrow", listen: ":0", upstream: "127.0.0.1:1" });
    expect(nowhere.listen).toMatch(/^127\.0\.0\.1:/);
  });
});

describe("cove toxiproxy", () => {
  test("reads a config, says where all is in JSON, and frees its ports at the end", async () => {
    const sandbox = await started();
    const upstream = await service();
    writeFileSync(
      join(sandbox.home, "toxics.json"),
      JSON.stringify([{ name: "redis", listen: "127.0.0.1:0", upstream }]),
    );
    const own = await sandbox.start(["toxiproxy", "--port", "0", "--config", "toxics.json", "--seed", "9", "--json"]);
    const told = JSON.parse((await own.waitFor(/^\{.*\}$/m))[0]);
    expect(told).toMatchObject({ host: "127.0.0.1", seed: 9, proxies: [{ name: "redis" }] });
    const other = new Toxiproxy(told.url);
    const through = dial(await other.get("redis"));
    await through.ping();
    expect(await own.stop()).toBe(0);
    expect(await through.end()).toBe("FIN");
    await expect(other.getAll()).rejects.toThrow("fetch failed");
  });

  test("names who holds its port, and what is wrong with a config", async () => {
    const sandbox = await started();
    const { port } = hostAndPort(client.host);
    const taken = await sandbox.cove(["toxiproxy", "--port", String(port)]);
    expect([taken.code, taken.stderr]).toEqual([
      1,
      expect.stringMatching(/^PORT_TAKEN .* is held by .*toxiproxy.*pid/),
    ]);
    const missing = await sandbox.cove(["toxiproxy", "--port", "0", "--config", "none.json"]);
    expect(missing.stderr).toMatch(/^CONFIG_MISSING/);
    writeFileSync(join(sandbox.home, "bad.json"), '[{"name":"x"}]');
    const bad = await sandbox.cove(["toxiproxy", "--port", "0", "--config", "bad.json"]);
    expect(bad.stderr).toMatch(/^CONFIG_INVALID .*missing required field: upstream at proxy 1/);
    const wide = await sandbox.cove(["toxiproxy", "--host", "0.0.0.0"]);
    expect(wide.stderr).toMatch(/^BIND_EXPOSED/);
  });
});
