import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { isFault } from "../src/fault/fault.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { freePort } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const guarded = process.platform === "linux" && !isFault(await callGuard());

const BUSY = { timeout: 120_000 };
const python = program("python3");

/** A dev server that ignores PORT, as many do; it names itself after the address that it has. */
const stubborn = (host: string, port: number) => `import { createServer } from "node:http";
createServer((_, res) => res.end("at ${port}")).listen(${port}, ${JSON.stringify(host)});
console.log("up");`;

function project(files: Record<string, string>): string {
  const folder = scratch("shop");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test(
  "cove run follows a dev server that listens where it likes, says so once, and answers by its name",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const at = await freePort();
    const cwd = project({ "package.json": `{ "name": "shop" }`, "server.mjs": stubborn("::1", at) });
    const run = await sandbox.start(["run", "--", "node", "server.mjs"], { cwd });
    await run.waitFor(/ready {2}http:\/\/shop\.localhost/);
    expect((await ask(sandbox.port, "shop.localhost")).body).toBe(`at ${at}`);
    expect(run.output().match(/followed|in truth/g)).toHaveLength(1);
    const { stdout } = await sandbox.cove(["--json"]);
    const { address } = JSON.parse(stdout).stacks[0].services[0];
    expect(address.host).toBe("::1");
    // Where the system lets Cove decide, it is a leased port in truth.
    expect(address.port === at).toBe(!guarded);
    expect(await run.stop()).toBe(130);
  },
);

test.skipIf(python === null)("so it does a program of another language behind a shell", BUSY, async () => {
  await using sandbox = await coveSandbox();
  const at = await freePort();
  const cwd = project({ "package.json": `{ "name": "shop" }`, "index.html": "from python" });
  const line = `python3 -c "import http.server as h; h.HTTPServer(('', ${at}), h.SimpleHTTPRequestHandler).serve_forever()" & wait`;
  const run = await sandbox.start(["run", "--", line], { cwd });
  await run.waitFor(/ready {2}http/);
  expect((await ask(sandbox.port, "shop.localhost")).body).toBe("from python");
  await run.stop();
});

test("in a stack its consumers keep the address that they were given", BUSY, async () => {
  await using sandbox = await coveSandbox();
  const at = await freePort();
  const cwd = project({
    "api.mjs": stubborn("127.0.0.1", at),
    "web.mjs": `import { createServer } from "node:http";
      createServer(async (_, res) => res.end(process.env.API_URL + " says " + await (await fetch(process.env.API_URL)).text())).listen(process.env.PORT, process.env.HOST);`,
    "cove.json": JSON.stringify({
      name: "shop",
      services: { api: { command: "node api.mjs" }, web: { command: "node web.mjs", needs: ["api"] } },
    }),
  });
  const up = await sandbox.cove(["up", "-d"], { cwd });
  expect(up).toMatchObject({ code: 0 });
  const said = (await ask(sandbox.port, "web.shop.localhost")).body;
  expect(said).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:(?!${at})\\d+ says at ${at}$`));
  const moved = await freePort();
  writeFileSync(join(cwd, "api.mjs"), stubborn("127.0.0.1", moved));
  expect(await sandbox.cove(["restart", "api"], { cwd })).toMatchObject({ code: 0 });
  // The consumer wasn't restarted, and its edge leads to the new port.
  await eventually(
    async () => (await ask(sandbox.port, "web.shop.localhost")).body.endsWith(`says at ${moved}`) || undefined,
  );
  const again = (await ask(sandbox.port, "web.shop.localhost")).body;
  expect(again.split(" ")[0]).toBe(said.split(" ")[0]);
  await sandbox.cove(["down"], { cwd });
});

test(
  "cove up -d ends though a service listens nowhere, with what to do; the service is left running",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const [one, two] = [await freePort(), await freePort()];
    const cwd = project({
      "api.mjs": `${stubborn("127.0.0.1", one)}\n${stubborn("127.0.0.1", two).split("\n")[1]}`,
      "cove.json": JSON.stringify({
        name: "shop",
        services: {
          api: { command: "node api.mjs", readyTimeout: "4s" },
          web: { command: "node api.mjs", needs: ["api"] },
        },
      }),
    });
    const up = await sandbox.cove(["up", "-d"], { cwd });
    expect(up.code).toBe(1);
    expect(up.stdout).toContain(`port: ${Math.min(one, two)}`);
    const { stdout } = await sandbox.cove(["--json"]);
    const [api] = JSON.parse(stdout).stacks[0].services;
    expect(api).toMatchObject({ state: "starting", overdue: true });
    expect(() => process.kill(api.pid, 0)).not.toThrow();
    await sandbox.cove(["down"], { cwd });
  },
);

test("a service without a port shows no URL, anywhere; one that listens in the end does", BUSY, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project({
    "worker.mjs": "setInterval(() => {}, 1_000);",
    "log.mjs": `import { createServer } from "node:http";
      createServer((_, res) => res.end("up")).listen(process.env.PORT, process.env.HOST, () => console.log("listening"));`,
    "cove.json": JSON.stringify({
      name: "shop",
      services: {
        worker: { command: "node worker.mjs", ready: "none" },
        log: { command: "node log.mjs", ready: { log: "listening" } },
      },
    }),
  });
  const up = await sandbox.cove(["up", "-d"], { cwd });
  expect(up.stdout).toContain("http://log.shop.localhost");
  expect(up.stdout).not.toContain("worker.shop.localhost");
  const { stdout } = await sandbox.cove(["--json"]);
  const [shop] = JSON.parse(stdout).stacks;
  // There is nothing for a browser to come by.
  expect(shop.edges.map(({ id }: { id: string }) => id)).toEqual(["browser→log"]);
  const urls = Object.fromEntries(
    shop.services.map((one: { name: string; url: string | null }) => [one.name, one.url]),
  );
  expect(urls).toEqual({ worker: null, log: `http://log.shop.localhost:${sandbox.port}` });
  for (const verb of ["open", "url"]) {
    const asked = await sandbox.cove([verb, "worker"], { cwd });
    expect(asked.code).toBe(1);
    expect(asked.stderr).toContain("worker listens on no port");
  }
  await sandbox.cove(["down"], { cwd });
});

test("a service can fetch its COVE_URL, whether or not this system resolves names", BUSY, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project({
    "package.json": `{ "name": "shop" }`,
    "server.mjs": `import { createServer } from "node:http";
      createServer((_, res) => res.end("up")).listen(process.env.PORT, process.env.HOST, async () => {
        for (let n = 0; n < 50; n++) {
          const text = await fetch(process.env.COVE_URL).then((answer) => answer.text(), (error) => error.cause.code);
          if (text === "up" || n === 49) { console.log("fetched", text); break; }
          await new Promise((next) => setTimeout(next, 100));
        }
      });`,
  });
  const run = await sandbox.start(["run", "--", "node", "server.mjs"], { cwd });
  expect((await run.waitFor(/fetched (\S+)/))[1]).toBe("up");
  await run.stop();
});

test("an alias to a bare port leads to either family, also after the server came back on the other", BUSY, async () => {
  await using sandbox = await coveSandbox();
  const port = await freePort();
  expect((await sandbox.cove(["alias", "pay", String(port)])).code).toBe(0);
  for (const host of ["::1", "127.0.0.1", "::1"]) {
    const server = createServer((_, res) => res.end(`at ${host}`)).listen(port, host);
    await once(server, "listening");
    expect((await ask(sandbox.port, "pay.localhost")).body).toBe(`at ${host}`);
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
  expect((await ask(sandbox.port, "pay.localhost")).status).toBe(502);
  await sandbox.cove(["stop"]);
});
