import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Address } from "../../src/address/address.ts";
import type { Finding } from "../../src/audit/finding.ts";
import { openDoor } from "../../src/door/door.ts";
import { openRelay } from "../../src/door/relay/relay.ts";
import { createRoutes } from "../../src/door/upstream/routes.ts";
import { orThrow } from "../../src/fault/fault.ts";
import { createGuard } from "../../src/guard/guard.ts";
import type { PeerPolicy } from "../../src/guard/peer.ts";
import { createRefusals } from "../../src/guard/refusals.ts";
import type { AuditView } from "../../src/home/view/view.ts";
import { machine } from "../../src/machine/machine.ts";
import { openToxiproxy } from "../../src/toxiproxy/server.ts";
import { plainRoute } from "../support/plain-route.ts";
import { program } from "../support/programs.ts";
import { type Harbour, harbour } from "./harbour.ts";
import { asAnother, canBeAnother, OTHER_UID } from "./other-user.ts";

const CLIENTS = 200;

/** Clients that connect, send six bytes (their number) and close at once, all at the same time. */
async function sendAndLeave(to: Address, first = 100_000): Promise<void> {
  const one = (_: unknown, n: number) =>
    new Promise<void>((resolve) => {
      const socket = connect(to, () => {
        socket.write(`${first + n}`);
        socket.destroy();
      });
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
  await Promise.all(Array.from({ length: CLIENTS }, one));
}

/** Clients' numbers, sent alone one after the other, or as requests' targets: a field such as traceparent has digits, too. */
const numbersIn = (text: string) =>
  new Set(text.startsWith("GET") ? text.match(/GET \/\d{6} /g) : text.match(/\d{6}/g));

/** Whether this system gives its users a network of their own. */
function canBox(): boolean {
  const flags = process.geteuid?.() === 0 ? ["--net"] : ["--map-current-user", "--keep-caps", "--net"];
  return spawnSync(program("unshare") ?? "unshare", [...flags, "--", "true"]).status === 0;
}

const isOwner = (uid: number) => uid === 0 || uid === process.getuid?.();
const open: PeerPolicy = { service: "shop/api", lets: isOwner, programs: null, namedOnly: false };
const onlyWay: PeerPolicy = { ...open, namedOnly: true };

describe.skipIf(machine.peer === undefined)("clients that send and close at once, in one process", () => {
  async function setUp() {
    let got = "";
    const service = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        got += chunk;
      });
    });
    await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void service.close());
    const refusals = createRefusals(() => {});
    const { peer } = machine;
    const door: PeerPolicy = { ...open, service: null };
    const guard = createGuard({ ...(peer !== undefined && { look: peer }), door, isOwner, refusals });
    const to = { host: "127.0.0.1", port: (service.address() as AddressInfo).port };
    return { to, refusals, guard, arrived: () => numbersIn(got).size };
  }

  test.each([
    ["arrive at a service that everyone can reach", open],
    ["don't arrive where Cove is the only way in", onlyWay],
  ])("%s, by a relay", async (_, policy) => {
    const { to, refusals, guard, arrived } = await setUp();
    const listen = { host: "127.0.0.1", port: 0 };
    const relay = orThrow(await openRelay({ listen, to: () => to, admit: (client) => guard.admit(client, policy) }));
    onTestFinished(() => relay.close());
    await sendAndLeave(relay.address);
    const wanted = policy === open ? CLIENTS : 0;
    await expect.poll(() => arrived() + refusals.total(), { timeout: 20_000 }).toBe(CLIENTS);
    if (policy === open) {
      expect(arrived()).toBe(wanted);
      const [count] = refusals.unnamedCounts();
      expect(count).toMatchObject({ service: "shop/api", refused: 0 });
      expect(count?.letIn).toBeGreaterThan(0);
    } else {
      expect(refusals.total()).toBeGreaterThan(0);
      expect(refusals.list()[0]).toMatchObject({ check: "peer", service: "shop/api", peer: { uid: null } });
      expect(refusals.unnamedCounts()).toMatchObject([{ service: "shop/api", letIn: 0, refused: refusals.total() }]);
    }
  });

  test("arrive through a proxy of Toxiproxy's API, which itself needs named ones", async () => {
    const { to, refusals, guard, arrived } = await setUp();
    const server = orThrow(
      await openToxiproxy({ port: 0, admit: (socket, at) => guard.admit(socket, at === "api" ? onlyWay : open) }),
    );
    onTestFinished(() => server.close());
    const wanted = [{ name: "sink", listen: "127.0.0.1:0", upstream: `${to.host}:${to.port}` }];
    const [proxy] = (await server.populate(wanted)).proxies;
    const [host = "", port] = proxy?.state().listen.split(":") ?? [];
    await sendAndLeave({ host, port: Number(port) });
    await expect.poll(arrived, { timeout: 20_000 }).toBe(CLIENTS);
    expect(refusals.total()).toBe(0);
    await sendAndLeave(server.address);
    await expect.poll(() => refusals.total(), { timeout: 20_000 }).toBeGreaterThan(0);
  });

  test("are judged at the door by the service that they ask for", async () => {
    const { to, refusals, guard, arrived } = await setUp();
    const routes = createRoutes();
    for (const [name, peers] of Object.entries({ open, shut: { ...onlyWay, service: "shop/shut" } })) {
      routes.set(`${name}.localhost`, {
        ...plainRoute(name, to),
        guard: { peers, pages: null, sameSite: false },
      });
    }
    const door = orThrow(await openDoor({ port: 0, hosts: ["127.0.0.1"], routes, guard }));
    onTestFinished(() => door.close());
    const ask = (name: string) =>
      Promise.all(
        Array.from({ length: CLIENTS }, (_, n) => {
          return new Promise<void>((resolve) => {
            const socket = connect(door.port, "127.0.0.1", () => {
              socket.write(`GET /${100_000 + n} HTTP/1.1\r\nHost: ${name}.localhost\r\nConnection: close\r\n\r\n`);
              socket.destroy();
            });
            socket.on("error", () => {});
            socket.on("close", () => resolve());
          });
        }),
      );
    await ask("shut");
    await expect.poll(() => arrived() + refusals.total(), { timeout: 20_000 }).toBe(CLIENTS);
    expect(refusals.list()[0]).toMatchObject({ check: "peer", service: "shop/shut", peer: { uid: null } });
    const before = [arrived(), refusals.total()];
    await ask("open");
    await expect
      .poll(() => refusals.unnamedCounts().find(({ letIn }) => letIn > 0)?.service, { timeout: 20_000 })
      .toBe("shop/api");
    expect(refusals.total()).toBe(before[1]);
  });

  test.skipIf(!canBeAnother())(
    "of another user are refused while their bytes are under way, though closed",
    async () => {
      const { to, refusals, guard, arrived } = await setUp();
      const listen = { host: "127.0.0.1", port: 0 };
      let looks = 0;
      const relay = orThrow(
        await openRelay({
          listen,
          to: () => to,
          admit: (client) => {
            looks++;
            return guard.admit(client, open);
          },
        }),
      );
      onTestFinished(() => relay.close());
      // More than the other side's buffer takes: the socket is closed, and its last bytes wait.
      const sent = asAnother<string>(`
      const socket = require("node:net").connect(${relay.address.port}, "127.0.0.1", () => {
        socket.write("123456".repeat(100_000));
        socket.destroy();
      });
      socket.on("error", () => {});
      socket.on("close", () => process.stdout.write('"closed"'));
    `);
      expect(await sent).toBe("closed");
      await expect.poll(() => looks, { timeout: 10_000 }).toBe(1);
      // Kernels before 6.17 forget the user at once: then it is an unnamed client like any other.
      const [refused] = refusals.list();
      if (refused === undefined) expect(refusals.unnamedCounts()[0]?.letIn).toBe(1);
      else {
        expect(refused.peer.uid).toBe(OTHER_UID);
        expect(arrived()).toBe(0);
      }
    },
  );
});

describe.skipIf(machine.peer === undefined)("clients that send and close at once, at the edges of a stack", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cove-closed-clients-")));
  const SINKS = ["open", "listed", "picky", ...(canBox() ? ["boxed"] : [])];
  let cove: Harbour;

  beforeAll(async () => {
    const script = join(folder, "sink.mjs");
    writeFileSync(
      script,
      `import { appendFileSync } from "node:fs";
      import { createServer } from "node:net";
      createServer((socket) => socket.on("error", () => {}).on("data", (chunk) => appendFileSync(process.argv[2], chunk)))
        .listen(Number(process.env.PORT), process.env.HOST);`,
    );
    const guards: Record<string, string> = {
      open: "",
      listed: `, guard: { users: [${OTHER_UID}] }`,
      picky: ", guard: { programs: [node] }",
      boxed: ", guard: { bind: box }",
    };
    const sinks = SINKS.map((name) => {
      writeFileSync(join(folder, name), "");
      return `  ${name}: { command: [node, ${script}, ${join(folder, name)}], ready: tcp${guards[name]} }`;
    });
    const user = `  user: { command: node server.mjs, needs: [${SINKS.join(", ")}] }`;
    cove = await harbour({ more: `${[...sinks, user].join("\n")}\n` });
  }, 120_000);
  afterAll(async () => {
    await cove?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  test.each(SINKS)("%s", { timeout: 60_000 }, async (name) => {
    const edges = (await cove.snapshot()).stacks[0]?.edges ?? [];
    const edge = edges.find(({ from, to }) => from === "user" && to === name);
    if (edge === undefined) throw new Error(`no edge to ${name}`);
    const arrived = () => numbersIn(readFileSync(join(folder, name), "utf8")).size;
    const refused = async () =>
      (await cove.guard()).refusals
        .filter(({ service }) => service === `shop/${name}`)
        .reduce((sum, { count }) => sum + count, 0);
    // Whether a client can be named is a race with home: it is run until some can't.
    let sent = 0;
    const counts = async () => (await cove.guard()).unnamed.find(({ service }) => service === `shop/${name}`);
    while (sent === 0 || (sent < 20 * CLIENTS && (await counts()) === undefined)) {
      await sendAndLeave(edge.address, 100_000 + sent);
      sent += CLIENTS;
      await expect.poll(async () => arrived() + (await refused()), { timeout: 20_000 }).toBe(sent);
    }
    const audit = await cove.sandbox.cove(["audit", "--json", "--fail-on", "never"]);
    const findings = findingsAt(`shop/${name}`, JSON.parse(audit.stdout));
    const log = (await cove.sandbox.cove(["logs", `shop/${name}`])).stdout;
    const logged = log.split("\n").filter((line) => line.includes("could not be named"));
    if (name === "open") {
      expect(arrived()).toBe(sent);
      expect(await counts()).toMatchObject({ refused: 0 });
      expect(findings).toMatchObject([{ rule: "unnamed-client", severity: "info" }]);
      expect(logged).toEqual([]);
    } else {
      expect(await counts()).toMatchObject({ letIn: 0 });
      expect(findings).toMatchObject([{ rule: "unnamed-client-refused", severity: "low" }]);
      expect(findings[0]?.fix).toContain(`change shop/${name} in the stack's config`);
      // A flood of them is one line every 10 s.
      expect(logged.length).toBeGreaterThan(0);
      expect(logged.length).toBeLessThan(20);
      expect(await refused()).toBeGreaterThan(0);
      const { refusals } = await cove.guard();
      expect(refusals.find(({ service }) => service === `shop/${name}`)?.why).toContain("could not be named");
    }
    // Home's own audit keeps its last look for 3 s.
    const own = async () => findingsAt(`shop/${name}`, await cove.audit()).map(({ rule }) => rule);
    await expect.poll(own, { timeout: 20_000, interval: 500 }).toEqual(findings.map(({ rule }) => rule));
  });
});

function findingsAt(service: string, { findings }: Pick<AuditView, "findings">): readonly Finding[] {
  return findings.filter(({ where }) => where === service);
}
