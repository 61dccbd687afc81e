import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { homeSocket } from "../../src/home/client/socket.ts";
import { holderAt } from "../../src/machine/holder-at.ts";
import { machine } from "../../src/machine/machine.ts";
import { coveSandbox } from "../support/cove.ts";
import { ask } from "../support/door-request.ts";
import { scratch } from "../support/scratch.ts";
import { type Harbour, harbour } from "./harbour.ts";
import { asAnother, canBeAnother, giveTo, OTHER_UID } from "./other-user.ts";

const root = canBeAnother();

/** What another user gets at addresses: all bytes that come back, or how it ended. */
function asked(at: readonly { host: string; port: number; send: string }[]): Promise<string[]> {
  return asAnother(`
    const { connect } = require("node:net");
    const one = ({ host, port, send }) => new Promise((resolve) => {
      let got = "";
      const socket = connect(port, host, () => socket.write(send));
      socket.on("data", (chunk) => { got += chunk; });
      socket.on("error", (error) => resolve(got === "" ? error.code : got));
      socket.on("end", () => resolve(got === "" ? "ended" : got));
      socket.setTimeout(5000, () => { socket.destroy(); resolve(got === "" ? "silence" : got); });
    });
    Promise.all(${JSON.stringify(at)}.map(one)).then((all) => process.stdout.write(JSON.stringify(all)));
  `);
}

const get = (host: string, path = "/", more = "") =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n${more}\r\n`;

describe.skipIf(machine.peer === undefined)("by who connects", () => {
  let cove: Harbour;

  beforeAll(async () => {
    cove = await harbour({
      more: `  guests: { command: node server.mjs, guard: { users: [${OTHER_UID}] } }
  picky: { command: node server.mjs, guard: { programs: [psql, "${basename(process.execPath)}"] } }
  closed: { command: node server.mjs, guard: { programs: [psql] } }
  user: { command: node server.mjs, needs: [guests, picky, closed] }
`,
    });
  }, 120_000);
  afterAll(async () => await cove?.[Symbol.asyncDispose](), 120_000);

  async function edgeTo(service: string): Promise<{ host: string; port: number }> {
    const edge = (await cove.snapshot()).stacks[0]?.edges.find(({ from, to }) => to === service && from !== "browser");
    if (edge === undefined) throw new Error(`no edge to ${service}`);
    return edge.address;
  }

  test.skipIf(!root)("another user gets not a byte from the door, the API and relays; the owner does", async () => {
    const { port } = cove;
    // `guests` opens the door itself to this user: what is tried here are the others.
    const token = `Authorization: Bearer ${cove.token()}\r\n`;
    const relay = await edgeTo("api");
    const [toRelay] = await asked([{ ...relay, send: get("x") }]);
    expect(toRelay).toBe("ECONNRESET");
    const got = await asked(
      ["127.0.0.1", "::1"].flatMap((host) => [
        { host, port, send: get(`api.shop.localhost:${port}`) },
        { host, port, send: get(`cove.localhost:${port}`, "/api/v1/snapshot", token) },
        { host, port, send: get(`cove.localhost:${port}`) },
      ]),
    );
    for (const text of got) {
      expect(text).toMatch(/^HTTP\/1\.1 403 /);
      expect(text).not.toContain("the secret");
    }
    expect(await cove.seen("api")).toEqual([]);
    expect((await ask(port, "api.shop.localhost")).body).toContain("the secret");
    expect((await ask(relay.port, "x", { path: "/" })).body).toContain("the secret");
    expect(
      (await cove.guard()).refusals.find(({ check, service }) => check === "peer" && service === "shop/api"),
    ).toMatchObject({ peer: { uid: OTHER_UID }, allow: `guard: { users: [${OTHER_UID}] }` });
  });

  test.skipIf(!root)("a user whom a service lets in gets to that service alone", async () => {
    const { port } = cove;
    const relay = await edgeTo("guests");
    const [byDoor, byRelay, other] = await asked([
      { host: "127.0.0.1", port, send: get(`guests.shop.localhost:${port}`) },
      { ...relay, send: get("x") },
      { host: "127.0.0.1", port, send: get(`web.shop.localhost:${port}`) },
    ]);
    expect(byDoor).toContain("the secret");
    expect(byRelay).toContain("the secret");
    expect(other).toMatch(/^HTTP\/1\.1 403 /);
  });

  test.skipIf(process.platform !== "linux")("a list of programs holds at the door and at the relay", async () => {
    expect((await ask(cove.port, "picky.shop.localhost")).body).toContain("the secret");
    const refused = await ask(cove.port, "closed.shop.localhost");
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.body).error.fault).toBe("PEER_REFUSED");
    const [picky, closed] = [await edgeTo("picky"), await edgeTo("closed")];
    expect((await ask(picky.port, "x")).body).toContain("the secret");
    await expect(ask(closed.port, "x")).rejects.toThrow(/ECONNRESET|socket hang up/);
    expect(await cove.seen("picky")).toHaveLength(2);
  });
});

describe.skipIf(!root || machine.peer === undefined)("without any guests", () => {
  test("another user's connections are reset before a byte is answered, whatever they know", async () => {
    await using cove = await harbour();
    const { port } = cove;
    const { edges = [] } = (await cove.snapshot()).stacks[0] ?? {};
    const token = `Authorization: Bearer ${cove.token()}\r\n`;
    const got = await asked([
      ...["127.0.0.1", "::1"].flatMap((host) => [
        { host, port, send: get(`api.shop.localhost:${port}`) },
        { host, port, send: get(`cove.localhost:${port}`, "/api/v1/snapshot", token) },
        { host, port, send: get("nothing.localhost") },
      ]),
      ...edges.map(({ address }) => ({ ...address, send: get("x") })),
    ]);
    expect(got.length).toBeGreaterThan(6);
    expect(got).toEqual(got.map(() => "ECONNRESET"));
    expect(await cove.seen("api")).toEqual([]);
    expect(await cove.seen("web")).toEqual([]);
    expect((await ask(port, "api.shop.localhost")).status).toBe(200);
    const socket = await asAnother<string>(`
      const socket = require("node:net").connect(${JSON.stringify(homeSocket(cove.sandbox.home))});
      socket.on("connect", () => { process.stdout.write('"connected"'); socket.destroy(); });
      socket.on("error", ({ code }) => process.stdout.write(JSON.stringify(code)));
    `);
    expect(socket).toBe("EACCES");
  });
});

describe.skipIf(!root)("port squatting", () => {
  const tries = (port: number) => `
    const { createServer } = require("node:net");
    const at = [["127.0.0.1"], ["::1"], ["0.0.0.0"], ["::"], ["::", { ipv6Only: true }], ["::1", { reusePort: true }], ["127.0.0.1", { reusePort: true }]];
    Promise.all(at.map(([host, more]) => new Promise((resolve) => {
      const server = createServer().on("error", ({ code }) => resolve(code));
      server.listen({ host, port: ${port}, ...more }, () => { server.close(); resolve("listening on " + host); });
    }))).then((all) => process.stdout.write(JSON.stringify(all)));
  `;

  test("nobody can listen beside the door, on either family, with or without reusePort", async () => {
    await using cove = await harbour();
    const got = await asAnother<string[]>(tries(cove.port));
    expect(got).toEqual(got.map(() => "EADDRINUSE"));
    // The owner's own programs neither: SO_REUSEPORT is shared only where both ask for it.
    for (const host of ["127.0.0.1", "::1"]) {
      const code = await new Promise((resolve) => {
        const server = createServer().on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
        server.listen({ host, port: cove.port, reusePort: true }, () => server.close(() => resolve("listening")));
      });
      expect(code).toBe("EADDRINUSE");
    }
  });

  test("where another user sits on [::1] already, the door doesn't open beside it", async () => {
    await using sandbox = await coveSandbox();
    const waiting = asAnother<string>(`
      const server = require("node:net").createServer((socket) => socket.on("error", () => {}));
      server.listen({ host: "::1", port: ${sandbox.port} });
      // A connection tells it to go.
      server.on("connection", () => process.stdout.write('"done"', () => process.exit()));
    `);
    await new Promise<void>((resolve, reject) => {
      const deadline = performance.now() + 10_000;
      const look = () => {
        if (holderAt({ host: "::1", port: sandbox.port }) !== null) resolve();
        else if (performance.now() > deadline) reject(new Error("the squatter didn't come"));
        else setTimeout(look, 25);
      };
      look();
    });
    const { code, stderr, stdout } = await sandbox.cove(["open", "--print"]);
    expect(code).not.toBe(0);
    expect(stderr + stdout).toContain(`port ${sandbox.port} is held by`);
    expect(stderr + stdout).not.toContain("/open/");
    connect(sandbox.port, "::1").on("error", () => {});
    expect(await waiting).toBe("done");
  });

  test("a command sends its token to no socket in a folder of another user's", async () => {
    const folder = join(scratch("squat"), "home");
    mkdirSync(folder, { mode: 0o777 });
    chmodSync(folder, 0o777);
    writeFileSync(join(folder, "token"), "t".repeat(43), { mode: 0o600 });
    let got = 0;
    const fake = createHttpServer(() => got++).on("connection", () => got++);
    await new Promise<void>((resolve) => fake.listen(homeSocket(folder), resolve));
    onTestFinished(() => void fake.close());
    chmodSync(homeSocket(folder), 0o666);
    giveTo(OTHER_UID, folder);
    await using sandbox = await coveSandbox();
    const { code, stdout, stderr } = await sandbox.cove(["--json"], { env: { COVE_HOME: folder } });
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain("belongs to uid");
    expect(got).toBe(0);
    giveTo(process.getuid?.() ?? 0, folder);
  });
});
