import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { isFault } from "../src/fault/fault.ts";
import { bench, until } from "../src/stack/run/runner.fixture.ts";
import { freePort } from "./support/free-port.ts";

const guarded = process.platform === "linux" && !isFault(await callGuard());
const vite = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin", "vite.js");

/** Ways of looking for a free port: each listens for a moment where the dev server won't. */
const WAYS: readonly [name: string, program: string][] = [
  // portfinder, webpack-dev-server: each host in turn
  ["hosts-in-turn", `for (const host of ["0.0.0.0", "::", "127.0.0.1", undefined]) await tried(host, port);`],
  // get-port, detect-port: all at once
  ["hosts-at-once", `await Promise.allSettled(["0.0.0.0", "::", "127.0.0.1"].map((host) => tried(host, port)));`],
  // Next.js: any port at all
  ["any-port", `await tried("0.0.0.0", 0); await tried(undefined, 0);`],
  ["ports-after", `for (let n = 0; n < 5; n++) await tried("0.0.0.0", port + n).catch(() => {});`],
];

describe.skipIf(!guarded)("listening for a moment, to find a free port, is no exposure", () => {
  test("each way of it, turned or only watched", async () => {
    const program = (
      way: string,
    ) => `import { createServer } from "node:net"; import { createServer as serve } from "node:http";
      const port = Number(process.env.PORT);
      const tried = (host, at) => new Promise((resolve, reject) => {
        const server = createServer().on("error", reject).listen(at, host, () => setTimeout(() => server.close(resolve), 60));
      });
      ${way}
      serve((_, res) => res.end("up")).listen(port, "127.0.0.1");
      setTimeout(() => console.log("a while later"), 2_500);`;
    const services = WAYS.flatMap(([name, way]) =>
      (["fix", "warn"] as const).map((bind) => [`${name}-${bind}`, { bind, node: program(way) }] as const),
    );
    const running = bench().run(Object.fromEntries(services));
    expect(await running.stack.settled()).toBeNull();
    await until(() => running.log().match(/a while later/g)?.length === services.length);
    expect(running.log()).not.toMatch(/turned|can reach it/);
    for (const [name] of services) expect(running.stack.status(name).cause, name).toBeNull();
  });

  test("nor does it keep the service from listening on ::1 alone afterwards", async () => {
    const running = bench().run({
      web: {
        node: `import { createServer } from "node:net"; import { createServer as serve } from "node:http";
          const port = Number(process.env.PORT);
          const tries = createServer().listen(port, () => tries.close(() => {
            serve((_, res) => res.end("up")).on("error", (error) => console.log(error.code)).listen(port, "::1");
          }));`,
      },
    });
    expect(await running.stack.settled()).toBeNull();
    expect(running.log()).not.toContain("EADDRINUSE");
  });

  test("what stays is told as before, once", async () => {
    const running = bench().run({
      web: { node: `import { createServer } from "node:http"; createServer().listen(process.env.PORT, "0.0.0.0");` },
      api: {
        bind: "warn",
        node: `import { createServer } from "node:http"; createServer().listen(process.env.PORT, "0.0.0.0");`,
      },
    });
    expect(await running.stack.settled()).toBeNull();
    await until(() => running.log().includes(`web cove turned 0.0.0.0:${running.port("web")} to 127.0.0.1`));
    await until(() => running.stack.status("api").cause?.fault === "BIND_EXPOSED");
    expect(running.log().match(/turned/g)).toHaveLength(1);
  });

  test("Vite's own looking for a port isn't told, with its flags and without", async () => {
    const { run, project } = bench();
    writeFileSync(join(project.root, "index.html"), "<title>hello</title>");
    const other = await freePort();
    const running = run({
      flagged: { options: { command: ["node", vite] } },
      plain: { options: { command: `sh -c 'node ${vite} --port ${other} --host 127.0.0.1; true'` } },
    });
    expect(await running.stack.settled()).toBeNull();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(running.log()).not.toContain("turned");
    for (const name of ["flagged", "plain"]) expect(running.stack.status(name).cause).toBeNull();
  });
});
