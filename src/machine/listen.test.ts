import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { program } from "../../test/support/programs.ts";
import { isFault } from "../fault/fault.ts";
import { listen } from "./listen.ts";

const HINTS = { taken: "choose another port" };
const setpriv = program("setpriv");
const linux = process.platform === "linux";

function server(): Server {
  const made = createServer();
  onTestFinished(() => void made.close());
  return made;
}

async function holding(host: string, port = 0): Promise<number> {
  const holder = server().listen({ host, port });
  await once(holder, "listening");
  return (holder.address() as AddressInfo).port;
}

test("says where it listens, and takes any free port for 0", async () => {
  const at = await listen(server(), { host: "127.0.0.1", port: 0 }, HINTS);
  if (isFault(at)) throw new Error(at.message);
  expect(at.host).toBe("127.0.0.1");
  expect(at.port).toBeGreaterThan(0);
});

test("a port that is taken names its holder", async () => {
  const port = await holding("127.0.0.1");
  expect(await listen(server(), { host: "127.0.0.1", port }, HINTS)).toMatchObject({
    fault: "PORT_TAKEN",
    message: expect.stringMatching(new RegExp(`^port ${port} is held by .*\\(pid ${process.pid}`)),
    hint: "choose another port",
    detail: { host: "127.0.0.1", port, pid: process.pid, error: "EADDRINUSE" },
  });
});

test.skipIf(!linux)("it is the one at that address, not another one at the same port", async () => {
  const port = await holding("127.0.0.1");
  const code = `require("node:net").createServer().listen(${port}, "127.0.0.2", () => console.log("up"))`;
  const other = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void other.kill("SIGKILL"));
  await once(other.stdout, "data");
  const there = await listen(server(), { host: "127.0.0.2", port }, HINTS);
  expect(there).toMatchObject({
    message: expect.stringContaining(`port ${port} of 127.0.0.2 is held by `),
    detail: { pid: other.pid },
  });
  const here = await listen(server(), { host: "127.0.0.1", port }, HINTS);
  expect(here).toMatchObject({ detail: { pid: process.pid } });
  // Whoever wants every address has both in the way.
  expect(await listen(server(), { host: "0.0.0.0", port }, HINTS)).toMatchObject({ fault: "PORT_TAKEN" });
});

test("an address of elsewhere is no question of ports", async () => {
  expect(await listen(server(), { host: "203.0.113.7", port: 0 }, HINTS)).toMatchObject({
    fault: "ADDRESS_INVALID",
    message: "203.0.113.7 is not an address of this machine, so nothing can listen there",
    detail: { error: "EADDRNOTAVAIL" },
  });
});

test.skipIf(!linux || setpriv === null || process.geteuid?.() !== 0)(
  "a port that needs rights says from where on ports don't",
  () => {
    const code = `import { createServer } from "node:net";
      const { listen } = await import(${JSON.stringify(new URL("./listen.ts", import.meta.url).href)});
      console.log(JSON.stringify(await listen(createServer(), { host: "127.0.0.1", port: 1 }, { taken: "" })));`;
    const args = ["--bounding-set=-net_bind_service", process.execPath, "--input-type=module", "-e", code];
    const { stdout, stderr } = spawnSync(setpriv ?? "", args, { encoding: "utf8" });
    expect(JSON.parse(stdout || `"${stderr}"`)).toMatchObject({
      fault: "PORT_PRIVILEGED",
      message: "this user may not listen on port 1",
      hint: expect.stringMatching(/^choose a port from \d+ up$/),
    });
  },
);
