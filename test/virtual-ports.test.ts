import { writeFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { callGuard } from "../src/confine/calls/launch.ts";
import { isFault } from "../src/fault/fault.ts";
import type { StackView } from "../src/home/view/view.ts";
import { coveSandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { freePorts } from "./support/free-port.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const guarded = process.platform === "linux" && !isFault(await callGuard());
const python = program("python3");

const BUSY = { timeout: 240_000 };

/** A checkout of an app whose code says its port, and asks itself there. */
function checkout(name: string, port: number): string {
  const cwd = scratch(name);
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name }));
  writeFileSync(
    join(cwd, "server.js"),
    `require("http").createServer((req, res) => res.end("${name}")).listen(${port}, async () => {
       console.log("listening on ${port}");
       console.log("itself:", await (await fetch("http://localhost:${port}/")).text());
     });`,
  );
  return cwd;
}

/** Asks a port of this machine, not by a name at the door. */
function asked(port: number, headers: Record<string, string> = {}, method = "GET"): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      method,
      headers: { host: `localhost:${port}`, ...headers },
      agent: false,
    });
    sent.on("response", async (response) => {
      const body = await text(response);
      resolve(response.statusCode === 200 ? body : `${response.statusCode}`);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
    sent.end();
  });
}

test.skipIf(!guarded)(
  "two checkouts of an app with a port in its code run at once; localhost is the first one's",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const [port = 0] = await freePorts(1);
    const [one, two] = [checkout("one", port), checkout("two", port)];
    const first = await sandbox.start(["run", "--", "node", "server.js"], { cwd: one });
    await first.waitFor(/ready {2}http/);
    await first.waitFor(new RegExp(`localhost:${port} leads to it`));
    const second = await sandbox.start(["run", "--", "node", "server.js"], { cwd: two });
    await second.waitFor(/ready {2}http/);
    await second.waitFor(
      new RegExp(`localhost:${port} leads to one; this one is at http://two\\.localhost:${sandbox.port}`),
    );
    for (const [name, run] of [
      ["one", first],
      ["two", second],
    ] as const) {
      expect(run.output()).toContain(`listening on ${port}`);
      await run.waitFor(new RegExp(`itself: ${name}`));
      expect((await ask(sandbox.port, `${name}.localhost`)).body).toBe(name);
    }
    expect(await asked(port)).toBe("one");
    expect(await (await fetch(`http://[::1]:${port}/`)).text()).toBe("one");
    // It comes through Cove: captured, and guarded as at the door.
    expect(await asked(port, { origin: "https://evil.example" }, "POST")).toBe("403");
    expect(await asked(port, { origin: `http://localhost:${port}` }, "POST")).toBe("one");
    expect(await asked(port, { host: "evil.example" })).toBe("421");
    const { stdout } = await sandbox.cove(["watch", "--no-follow", "--json"], { cwd: one });
    expect(stdout).toContain('"edge":"browser→one"');
    // The other one, on request, and where the first has ended.
    const claimed = await sandbox.cove(["claim"], { cwd: two });
    expect(claimed).toMatchObject({ code: 0, stdout: `localhost:${port} leads to two of two\n` });
    expect(await asked(port)).toBe("two");
    expect(await second.stop()).toBe(130);
    await expect.poll(() => asked(port)).toBe("one");
    await first.stop();
    await expect.poll(() => asked(port)).toBe("ECONNREFUSED");
  },
);

test.skipIf(!guarded || python === null)(
  "in a stack: consumers that say the port, a second port of the same service, one that isn't needed, and real ports",
  BUSY,
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("virtual");
    const [http = 0, raw = 0] = await freePorts(2);
    writeFileSync(
      join(cwd, "api.py"),
      `import http.server, socketserver, threading
class Raw(socketserver.BaseRequestHandler):
    def handle(self): self.request.sendall(b"raw")
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.send_response(200); self.send_header("Content-Length", "3"); self.end_headers(); self.wfile.write(b"api")
socketserver.TCPServer.allow_reuse_address = True
threading.Thread(target=socketserver.ThreadingTCPServer(("127.0.0.1", ${raw}), Raw).serve_forever).start()
http.server.ThreadingHTTPServer(("0.0.0.0", ${http}), Page).serve_forever()`,
    );
    writeFileSync(
      join(cwd, "web.js"),
      `require("http").createServer(async (req, res) => {
         const said = await fetch("http://localhost:${http}/").then((answer) => answer.text(), (error) => error.cause.code);
         require("net").connect(${raw}, "127.0.0.1").on("data", (raw) => res.end(said + " " + raw)).on("error", (error) => res.end(error.code));
       }).listen(process.env.PORT, process.env.HOST);`,
    );
    const services = {
      api: { command: ["python3", "-u", "api.py"], ready: "http" },
      web: { command: ["node", "web.js"], needs: ["api"] },
      side: { command: ["node", "web.js"] },
    };
    const write = (more: object) =>
      writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "quay", services, ...more }));
    write({});
    expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
    expect((await ask(sandbox.port, "web.quay.localhost")).body).toBe("api raw");
    expect((await ask(sandbox.port, "side.quay.localhost")).body).toBe("api raw");
    const view = async () =>
      (JSON.parse((await sandbox.cove(["status", "--json"], { cwd })).stdout) as { stacks: StackView[] })
        .stacks[0] as StackView;
    await expect
      .poll(async () =>
        (await view()).edges
          .filter(({ to, from }) => to === "api" && from !== "browser")
          .map(({ id, bytesUp, found }) => [id, bytesUp > 0, found]),
      )
      .toEqual([
        ["web→api", true, undefined],
        ["side→api", true, true],
      ]);
    await expect.poll(() => asked(http)).toBe("api");
    const said = await new Promise((resolve) =>
      connect(raw, "127.0.0.1")
        .on("data", (bytes) => resolve(`${bytes}`))
        .on("error", resolve),
    );
    expect(said).toBe("raw");
    const api = (await view()).services.find(({ name }) => name === "api");
    expect(api?.address.port).not.toBe(http);
    await sandbox.cove(["down"], { cwd });
    write({ ports: "real" });
    expect(await sandbox.cove(["up", "-d"], { cwd })).toMatchObject({ code: 0 });
    expect((await view()).services.find(({ name }) => name === "api")?.address.port).toBe(http);
    await sandbox.cove(["down"], { cwd });
  },
);
