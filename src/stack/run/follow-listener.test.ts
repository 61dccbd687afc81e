import { createServer } from "node:http";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { freePort, freePorts } from "../../../test/support/free-port.ts";
import { machine } from "../../machine/machine.ts";
import type { HelloService } from "../session/messages.ts";
import { bench, PROGRAMS, type Running, runs, until } from "./runner.fixture.ts";

// A dozen programs start at once here.
vi.setConfig({ testTimeout: 90_000 });

/** A page at an address of the program's own choice. */
const pageAt = (host: string, port: number | string, after = 0) => `import { createServer } from "node:http";
  setTimeout(() => createServer((_, res) => res.end("a page")).listen(${port}, ${JSON.stringify(host)}), ${after});`;

/** Where home was told that a service listens instead of at its address. */
function toldOf({ sent }: Running, name: string): HelloService["listens"] {
  const told = sent.flatMap((message) =>
    message.type === "service" && message.service.name === name ? [message.service] : [],
  );
  return told.at(-1)?.listens;
}

const hasIPv6 = (await import("node:os")).networkInterfaces().lo?.some(({ address }) => address === "::1") ?? true;

/** Programs that listen elsewhere, each in its own way; `port` is the page's. */
const WAYS: Readonly<Record<string, (port: number, other: number) => string>> = {
  plain: (port) => pageAt("127.0.0.1", port),
  "other-loopback": (port) => pageAt("127.0.0.2", port),
  wide: (port) => pageAt("0.0.0.0", port),
  ...(hasIPv6 && { v6: (port: number) => pageAt("::1", port), both: (port: number) => pageAt("::", port) }),
  shared: (port) => `import cluster from "node:cluster"; import { createServer } from "node:http";
    if (cluster.isPrimary) { cluster.fork(); cluster.fork(); }
    else createServer((_, res) => res.end("a page")).listen(${port}, "127.0.0.1");`,
  udp: (port, other) => `import { createSocket } from "node:dgram";
    createSocket("udp4").bind(${other}, "127.0.0.1"); ${pageAt("127.0.0.1", port)}`,
  // Its starter has ended.
  orphan: (port) => `import { spawn } from "node:child_process";
    const inner = ${JSON.stringify(pageAt("127.0.0.1", port).replace(/import .*;\n/, 'const { createServer } = require("node:http");'))};
    const outer = "require('node:child_process').spawn(process.execPath, ['-e', " + JSON.stringify(inner) + "], { stdio: 'ignore' }).unref(); setTimeout(() => process.exit(), 100)";
    spawn(process.execPath, ["-e", outer]);
    setInterval(() => {}, 1_000);`,
  // A debugger and a socket for live reload come long before the page.
  helpers: (port, other) => `import { createServer } from "node:http";
    import inspector from "node:inspector";
    inspector.open(0, "127.0.0.1");
    createServer((_, res) => { res.statusCode = 426; res.end("Upgrade Required"); }).listen(${other}, "127.0.0.1");
    setTimeout(() => createServer((_, res) => res.end("a page")).listen(${port}, "127.0.0.1"), 2_500);`,
  guess: (port, other) => `${pageAt("127.0.0.1", port)}
    createServer((_, res) => { res.statusCode = 404; res.end(); }).listen(${other}, "127.0.0.1");`,
};

describe("a program that listens elsewhere is followed", () => {
  test("in each way, and says so once", async () => {
    const ways = Object.entries(WAYS);
    const ports = await freePorts(2 * ways.length);
    const portsOf = (n: number): [number, number] => [ports[2 * n] ?? 0, ports[2 * n + 1] ?? 0];
    const services = ways.map(([name, program], n) => [name, { node: program(...portsOf(n)) }] as const);
    const running = bench().run(Object.fromEntries(services));
    expect(await running.stack.settled()).toBeNull();
    const hosts: Record<string, string> = { "other-loopback": "127.0.0.2", v6: "::1" };
    for (const [n, [name]] of ways.entries()) {
      const [port, other] = portsOf(n);
      expect(toldOf(running, name), name).toEqual({ host: hosts[name] ?? "127.0.0.1", port });
      const said = running
        .log()
        .split("\n")
        .filter((line) => line.startsWith(`${name} cove`) && line.includes("followed"));
      expect(said, name).toHaveLength(1);
      if (name === "guess") expect(said[0]).toContain(`a guess, since it also listens on 127.0.0.1:${other} (node`);
      else if (name !== "helpers") expect(said[0]).not.toContain("a guess");
    }
  });

  test("the address that it was given wins, silently, whatever else it opens", async () => {
    const other = await freePort();
    const running = bench().run({
      web: {
        node: `${pageAt("127.0.0.1", other)}
          setTimeout(() => createServer((_, res) => res.end("mine")).listen(process.env.PORT, process.env.HOST), 300);`,
      },
    });
    expect(await running.stack.settled()).toBeNull();
    expect(toldOf(running, "web")).toBeUndefined();
    expect(running.log()).not.toContain("listens on");
  });

  test("of several pages none is chosen: it is asked for port, and left running", async () => {
    const [one, two] = [await freePort(), await freePort()];
    const running = bench().run({
      web: { node: `${pageAt("127.0.0.1", one)} ${pageAt("127.0.0.1", two).split("\n")[1]}`, readyTimeout: 8_000 },
    });
    const outcome = await running.stack.settled();
    expect(outcome).toMatchObject({
      fault: "NOT_READY",
      hint: expect.stringMatching(/say which one is meant: port: \d+/),
    });
    for (const port of [one, two])
      expect(outcome?.message).toMatch(new RegExp(`127\\.0\\.0\\.1:${port} \\(node .*pid \\d+\\)`));
    const { state, process } = running.stack.status("web");
    expect(state).toBe("starting");
    expect(runs(process?.pid ?? 0)).toBe(true);
  });

  test("it is followed again when its child comes back on another port", async () => {
    const running = bench().run({
      web: {
        node: `import { spawn } from "node:child_process";
          const child = 'require("node:http").createServer((_, res) => res.end("a page")).listen(0, "127.0.0.1", function () { console.log("port " + this.address().port); })';
          const start = () => spawn(process.execPath, ["-e", child], { stdio: ["ignore", "inherit", "inherit"] });
          let running = start();
          process.on("SIGUSR2", () => { running.once("exit", () => { running = start(); }); running.kill(); });`,
      },
    });
    expect(await running.stack.settled()).toBeNull();
    const before = toldOf(running, "web")?.port;
    process.kill(running.stack.status("web").process?.pid ?? 0, "SIGUSR2");
    await until(() => (running.log().match(/stdout port/g) ?? []).length === 2);
    const now = Number(
      running
        .log()
        .match(/port (\d+)/g)
        ?.at(-1)
        ?.slice(5),
    );
    await until(() => toldOf(running, "web")?.port === now);
    expect(now).not.toBe(before);
  });

  test("a stranger on its port drives it to the next one, where it is followed (Vite's way)", async () => {
    const { run } = bench();
    const first = run({ web: { node: "setInterval(() => {}, 1_000);", ready: { type: "none" } } });
    await first.stack.settled();
    await first.stack.stop();
    const address = { host: "127.0.0.1", port: first.port("web") };
    const stranger = createServer((_, res) => res.end("stranger"));
    await new Promise<void>((resolve) => stranger.listen(address.port, address.host, resolve));
    onTestFinished(() => void stranger.close());
    const running = run({
      web: {
        address,
        node: `import { createServer } from "node:http";
          const listen = (port) => createServer((_, res) => res.end("mine")).on("error", () => listen(port + 1)).listen(port, "127.0.0.1");
          listen(Number(process.env.PORT));`,
      },
    });
    expect(await running.stack.settled()).toBeNull();
    expect(toldOf(running, "web")?.port).toBeGreaterThan(address.port);
  });
});

describe("a server that runs is never ended", () => {
  test("one that listens late becomes ready late, and its consumers start then", async () => {
    const at = await freePort();
    const running = bench().run({
      web: { node: pageAt("127.0.0.1", at, 2_500), readyTimeout: 500 },
      shop: { node: PROGRAMS.server, needs: ["web"] },
    });
    expect(await running.stack.settled()).toMatchObject({ fault: "NOT_READY" });
    expect(running.stack.status("shop").state).toBe("waiting");
    const pid = running.stack.status("web").process?.pid;
    await until(() => running.stack.status("shop").state === "ready");
    expect(running.stack.status("web")).toMatchObject({ state: "ready", overdue: false, process: { pid } });
    expect(await running.stack.start("web")).toBeNull();
  });

  test("with a port of the config's, another is named and not followed; a restart isn't needed once it is there", async () => {
    const at = await freePort();
    const { run } = bench();
    const running = run({
      web: {
        fixedPort: true,
        readyTimeout: 7_000,
        node: `${pageAt("127.0.0.1", at)}
          process.on("SIGUSR2", () => createServer((_, res) => res.end()).listen(process.env.PORT, "127.0.0.1"));`,
      },
    });
    const outcome = await running.stack.settled();
    expect(outcome?.message).toMatch(
      new RegExp(`^it listens on 127\\.0\\.0\\.1:${at} \\(node .*\\), not on 127\\.0\\.0\\.1:${running.port("web")}$`),
    );
    expect(outcome?.hint).toContain(`port: ${at}`);
    process.kill(running.stack.status("web").process?.pid ?? 0, "SIGUSR2");
    await until(() => running.stack.status("web").state === "ready");
    expect(toldOf(running, "web")).toBeUndefined();
  });

  test("it is stopped as any other, at once", async () => {
    const running = bench().run({ web: { node: "setInterval(() => {}, 1_000);", readyTimeout: 300 } });
    await running.stack.settled();
    const pid = running.stack.status("web").process?.pid ?? 0;
    await running.stack.stop();
    expect(machine.startStamp(pid)).toBeNull();
    expect(running.stack.status("web").state).toBe("stopped");
  });
});
