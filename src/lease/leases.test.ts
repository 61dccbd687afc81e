import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../test/support/free-port.ts";
import { scratch } from "../../test/support/scratch.ts";
import { BROWSER_BLOCKED_PORTS } from "../address/ports.ts";
import { type Fault, fault, orThrow } from "../fault/fault.ts";
import { setSetting } from "../state/settings.ts";
import { openState, type State } from "../state/state.ts";
import { openLeases } from "./leases.ts";
import type { Project } from "./project.ts";
import { leaseRanges } from "./range.ts";
import { leaseTable } from "./table.ts";

function open(folder = scratch("lease")): State {
  const state = orThrow(openState({ folder }));
  onTestFinished(() => {
    if (state.db.isOpen) state.close();
  });
  return state;
}

/** A project whose root is a real folder. */
function project(key: string): Project {
  return { root: scratch(key), branch: null, key: key.padEnd(16, "0"), name: key };
}

async function listen(port: number, host: string): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port that was free a moment ago, outside the ranges that leases come from. */
describe("a lease", () => {
  test("is the same each time it is taken, and says when that was", async () => {
    const state = open();
    const shop = project("shop");
    const first = orThrow(openLeases(state).take({ project: shop, holder: "service:web" }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = orThrow(openLeases(state).take({ project: shop, holder: "service:web" }));
    expect(first).toMatchObject({ host: "127.0.0.1", project: shop.key, root: shop.root, branch: null, fixed: false });
    expect(first.port).toBeGreaterThanOrEqual(61000);
    expect({ ...second, usedAt: 0 }).toEqual({ ...first, usedAt: 0 });
    expect(second.usedAt).toBeGreaterThan(first.usedAt);
    expect(openLeases(state).list()).toEqual([second]);
  });

  test("outlives the process that took it", async () => {
    const folder = scratch("lease");
    const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const script = `const { openState } = await import(${module("../state/state.ts")});
      const { openLeases } = await import(${module("./leases.ts")});
      const project = { root: "/", branch: null, key: "outlive", name: "x" };
      console.log(openLeases(openState({ folder: process.argv[1] })).take({ project, holder: "service:web" }).port);
      process.kill(process.pid, "SIGKILL");`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, folder], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [output] = await once(child.stdout, "data");
    await once(child, "exit");
    const again = orThrow(
      openLeases(open(folder)).take({
        project: { root: "/", branch: null, key: "outlive", name: "x" },
        holder: "service:web",
      }),
    );
    expect(again.port).toBe(Number(String(output)));
  });

  test("is kept while its own service, or anything else, listens there", async () => {
    const leases = openLeases(open());
    const request = { project: project("shop"), holder: "service:web" };
    const { port } = orThrow(leases.take(request));
    await listen(port, "127.0.0.1");
    expect(leases.take(request)).toMatchObject({ port });
  });

  test("starts from the same port in a new state file", () => {
    const shop = project("shop");
    const take = () => orThrow(openLeases(open()).take({ project: shop, holder: "service:web" })).port;
    expect(take()).toBe(take());
  });

  test("differs between holders, and between two checkouts of one project", () => {
    const leases = openLeases(open());
    const [one, two] = [project("one"), project("two")];
    const ports = [one, two].flatMap((owner) =>
      ["service:web", "service:api", "edge:api→db"].map(
        (holder) => orThrow(leases.take({ project: owner, holder })).port,
      ),
    );
    expect(new Set(ports).size).toBe(6);
  });
});

describe("a new lease skips", () => {
  test.each(["127.0.0.1", "0.0.0.0", "127.5.5.5", "::1", "::"])("ports with a listener on %s", async (host) => {
    const port = await freePort();
    const range = [port, port] as const;
    await listen(port, host);
    expect(openLeases(open(), { range }).take({ project: project("shop"), holder: "a" })).toMatchObject({
      fault: "LEASES_EXHAUSTED",
    });
  });

  test("ports that browsers refuse, and the door's", () => {
    const state = open();
    setSetting(state, "port", 6664);
    const leases = openLeases(state, { range: [6664, 6670] });
    const shop = project("shop");
    expect(orThrow(leases.take({ project: shop, holder: "a" })).port).toBe(6670);
    expect([6665, 6666, 6667, 6668, 6669].every((port) => BROWSER_BLOCKED_PORTS.has(port))).toBe(true);
    expect(leases.take({ project: shop, holder: "b" })).toMatchObject({ fault: "LEASES_EXHAUSTED" });
  });

  test("no port of a range until all are given out", () => {
    const leases = openLeases(open(), { range: [20100, 20399] });
    const shop = project("shop");
    const all = orThrow(leases.takeMany(Array.from({ length: 300 }, (_, n) => ({ project: shop, holder: `s:${n}` }))));
    expect(new Set(all.map(({ port }) => port)).size).toBe(300);
    const full = leases.take({ project: shop, holder: "one more" });
    expect(full).toMatchObject({ fault: "LEASES_EXHAUSTED", message: expect.stringContaining("20100–20399") });
  });
});

describe("a full range", () => {
  test("gives out the longest-unused lease of a project that is gone, and never another", async () => {
    const state = open();
    const root = join(scratch("gone"), "checkout");
    mkdirSync(root);
    const gone = { root, branch: null, key: "gone", name: "gone" };
    const here = project("here");
    const range = [20400, 20402] as const;
    const leases = openLeases(state, { range });
    const old = orThrow(leases.take({ project: gone, holder: "a" }));
    orThrow(leases.take({ project: gone, holder: "b" }));
    const kept = orThrow(leases.take({ project: here, holder: "a" }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const younger = orThrow(leases.take({ project: gone, holder: "b" }));
    expect(leases.take({ project: here, holder: "b" })).toMatchObject({ fault: "LEASES_EXHAUSTED" });

    rmSync(root, { recursive: true });
    const later = openLeases(state, { range });
    expect(later.list({ stale: true })).toEqual([old, younger].sort((a, b) => a.port - b.port));
    expect(orThrow(later.take({ project: here, holder: "b" })).port).toBe(old.port);
    expect(orThrow(later.take({ project: here, holder: "c" })).port).toBe(younger.port);
    expect(later.take({ project: here, holder: "d" })).toMatchObject({ fault: "LEASES_EXHAUSTED" });
    expect(later.take({ project: here, holder: "a" })).toMatchObject({ port: kept.port });
  });
});

describe("a fixed port", () => {
  test("is given to one holder; the next is told which that is", async () => {
    const leases = openLeases(open());
    const [one, two] = [project("one"), { ...project("two"), branch: "feature/x" }];
    const port = await freePort();
    expect(leases.take({ project: two, holder: "service:api", port })).toMatchObject({ port, fixed: true });
    const held = leases.take({ project: one, holder: "service:web", port }) as Fault;
    expect(held).toMatchObject({ fault: "LEASE_HELD", detail: { port, holder: "service:api", root: two.root } });
    expect(held.message).toBe(`127.0.0.1:${port} is leased to service:api of ${two.root} (branch feature/x)`);
    expect(leases.take({ project: two, holder: "service:api", port })).toMatchObject({ port });
  });

  test("is taken over from a project that is gone", async () => {
    const state = open();
    const port = await freePort();
    const gone = { root: join(scratch("gone"), "nothing"), branch: null, key: "gone", name: "gone" };
    orThrow(openLeases(state).take({ project: gone, holder: "a", port }));
    expect(openLeases(state).take({ project: project("here"), holder: "a", port })).toMatchObject({ port });
  });

  test.each(["127.0.0.1", "0.0.0.0", "::1", "::"])(
    "with a listener on %s is refused, and the process named",
    async (host) => {
      const port = await listen(0, host);
      const refused = openLeases(open()).take({ project: project("shop"), holder: "service:web", port }) as Fault;
      expect(refused).toMatchObject({ fault: "PORT_TAKEN", detail: { port, pid: process.pid } });
      expect(refused.message).toContain(`pid ${process.pid}`);
      expect(refused.hint).toBeTruthy();
    },
  );

  test("with a listener on another loopback address is free", async () => {
    const port = await listen(0, "127.62.9.9");
    expect(openLeases(open()).take({ project: project("shop"), holder: "a", port })).toMatchObject({ port });
  });

  test("of the door, or beyond all ports, is refused", () => {
    const leases = openLeases(open());
    const take = (port: number) => leases.take({ project: project("shop"), holder: "a", port });
    expect(take(62893)).toMatchObject({ fault: "PORT_TAKEN", message: "port 62893 is where Cove's door listens" });
    for (const port of [0, -1, 65536, 1.5, Number.NaN]) expect(take(port)).toMatchObject({ fault: "ADDRESS_INVALID" });
  });

  test("replaces the holder's other one, and a lease without takes from the range again", async () => {
    const leases = openLeases(open());
    const request = { project: project("shop"), holder: "service:web" };
    const [one, two] = [await freePort(), await freePort()];
    for (const port of [one, two]) expect(leases.take({ ...request, port })).toMatchObject({ port, fixed: true });
    expect(leases.take(request)).toMatchObject({ fixed: false });
    expect(leases.list()).toHaveLength(1);
  });

  test("that is refused leaves the holder what it had", async () => {
    const leases = openLeases(open());
    const request = { project: project("shop"), holder: "service:web" };
    const before = orThrow(leases.take(request));
    expect(leases.take({ ...request, port: await listen(0, "127.0.0.1") })).toMatchObject({ fault: "PORT_TAKEN" });
    expect(leases.list()).toEqual([before]);
  });
});

describe.runIf(process.platform === "linux")("an address of one's own", () => {
  test("is one in 127.62/16 with the port asked for, the same each time, and can be listened on", async () => {
    const leases = openLeases(open());
    const port = await freePort();
    const request = { project: project("shop"), holder: "service:db", port, ownAddress: true };
    const first = orThrow(leases.take(request));
    const other = orThrow(leases.take({ ...request, holder: "service:db2" }));
    expect(first).toMatchObject({ host: expect.stringMatching(/^127\.62\.\d+\.\d+$/), port, fixed: true });
    expect(other).toMatchObject({ port });
    expect(other.host).not.toBe(first.host);
    await listen(first.port, first.host);
    await listen(other.port, other.host);
    expect(leases.take(request)).toMatchObject({ host: first.host, port });
    expect(leases.take({ project: request.project, holder: "x", ownAddress: true })).toMatchObject({ fixed: false });
  });

  test("is refused where something listens on every address", async () => {
    const port = await listen(0, "0.0.0.0");
    const request = { project: project("shop"), holder: "service:db", port, ownAddress: true };
    expect(openLeases(open()).take(request)).toMatchObject({ fault: "PORT_TAKEN", detail: { port, pid: process.pid } });
  });
});

describe("many at once", () => {
  test("come in order, or none at all", async () => {
    const leases = openLeases(open());
    const shop = project("shop");
    const busy = await listen(0, "127.0.0.1");
    const requests = ["a", "b", "c"].map((holder) => ({ project: shop, holder }));
    expect(leases.takeMany([...requests, { project: shop, holder: "d", port: busy }])).toMatchObject({
      fault: "PORT_TAKEN",
    });
    expect(leases.list()).toEqual([]);
    expect(orThrow(leases.takeMany(requests)).map(({ holder }) => holder)).toEqual(["a", "b", "c"]);
  });

  test("can be a part of a larger transaction, and undone with it", () => {
    const state = open();
    const leases = openLeases(state);
    state.transaction(() => {
      orThrow(leases.take({ project: project("shop"), holder: "a" }));
      return fault("INTERNAL", "changed my mind");
    });
    expect(leases.list()).toEqual([]);
  });
});

describe("leases are listed and given up", () => {
  test("by project, holder, port, or because the project is gone", () => {
    const leases = openLeases(open());
    const [one, two] = [project("one"), project("two")];
    const gone = { root: join(scratch("gone"), "nothing"), branch: null, key: "gone", name: "gone" };
    const all = orThrow(
      leases.takeMany([one, two, gone].flatMap((owner) => ["a", "b"].map((holder) => ({ project: owner, holder })))),
    );
    expect(leases.list()).toEqual([...all].sort((a, b) => a.port - b.port));
    expect(leases.list({ project: one.key })).toHaveLength(2);
    expect(leases.list({ root: two.root, holder: "a" })).toHaveLength(1);
    expect(leases.list({ stale: true }).map(({ project: key }) => key)).toEqual(["gone", "gone"]);
    expect(leases.list({ stale: false })).toHaveLength(4);

    expect(leases.release({})).toBe(0);
    expect(leases.release({ stale: true })).toBe(2);
    expect(leases.release({ port: all[0]?.port ?? 0 })).toBe(1);
    expect(leases.release({ project: two.key, holder: "b" })).toBe(1);
    expect(leases.release({ project: two.key, holder: "b" })).toBe(0);
    expect(leases.list()).toHaveLength(2);
  });
});

test("even a bug can't lease one address twice", () => {
  const state = open();
  const table = leaseTable(state);
  const add = (holder: string, host: string, port: number) => table.add(project("shop"), holder, { host, port }, true);
  add("a", "127.0.0.1", 61000);
  expect(() => add("b", "127.0.0.1", 61000)).toThrow("UNIQUE");
  add("b", "127.62.0.1", 61000);
  expect(() => add("c", "127.62.0.1", 5432)).toThrow("UNIQUE");
  expect(() => add("a", "127.0.0.1", 61001)).toThrow("UNIQUE");
});

test("COVE_LEASES narrows the range, and a wrong one is told", () => {
  expect(leaseRanges({ COVE_LEASES: "61000-61999" })).toEqual([[61000, 61999]]);
  expect(leaseRanges({})).toEqual([
    [61000, 65535],
    [49152, 60999],
  ]);
  for (const text of ["61000", "2-1", "0-5", "1-65536", "a-b"]) {
    expect(leaseRanges({ COVE_LEASES: text })).toMatchObject({ fault: "ADDRESS_INVALID" });
  }
});
