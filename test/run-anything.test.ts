import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A project as a newcomer has it: a package.json, its files, and the packages installed. */
function project(name: string, files: Record<string, string>): string {
  const folder = scratch(name);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  write(folder, { "package.json": JSON.stringify({ name, type: "module", private: true }), ...files });
  return folder;
}

function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const python = program("python3");
const go = program("go");
const git = program("git");

const servers: { name: string; files: Record<string, string>; command: string[]; missing?: boolean; says: string }[] = [
  {
    name: "with-express",
    files: {
      "server.js": `import express from "express";
        const app = express();
        app.get("/", (_, res) => res.send("hello from express"));
        app.listen(process.env.PORT, process.env.HOST);`,
    },
    command: ["node", "server.js"],
    says: "hello from express",
  },
  {
    name: "with-hono",
    files: {
      "server.js": `import { serve } from "@hono/node-server";
        import { Hono } from "hono";
        const app = new Hono().get("/", (c) => c.text("hello from hono"));
        serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: process.env.HOST });`,
    },
    command: ["node", "server.js"],
    says: "hello from hono",
  },
  {
    name: "with-fastify",
    files: {
      "server.js": `import fastify from "fastify";
        const app = fastify();
        app.get("/", () => "hello from fastify");
        await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });`,
    },
    command: ["node", "server.js"],
    says: "hello from fastify",
  },
  {
    name: "with-vite",
    files: {
      "index.html": `<!doctype html><title>fresh</title><script type="module" src="/main.js"></script>`,
      "main.js": `document.title = "vite";`,
    },
    command: ["npx", "vite"],
    says: "/@vite/client",
  },
  {
    name: "npm-run-dev",
    files: {
      "package.json": JSON.stringify({ name: "npm-run-dev", type: "module", scripts: { dev: "vite" } }),
      "index.html": "<!doctype html><title>by script</title>",
    },
    command: ["npm", "run", "dev"],
    says: "by script",
  },
  {
    name: "python-files",
    files: { "index.html": "hello from http.server" },
    command: ["python3", "-m", "http.server"],
    missing: python === null,
    says: "hello from http.server",
  },
  {
    name: "python-port",
    files: {
      "server.py": `import os
from http.server import BaseHTTPRequestHandler, HTTPServer
class Hello(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello from python")
HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Hello).serve_forever()
`,
    },
    command: ["python3", "server.py"],
    missing: python === null,
    says: "hello from python",
  },
  {
    name: "go-port",
    files: {
      "go.mod": "module example.test/hello\n\ngo 1.19\n",
      "main.go": `package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello from go") })
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
`,
    },
    command: ["go", "run", "."],
    missing: go === null,
    says: "hello from go",
  },
];

describe("cove run gives a name to", () => {
  for (const server of servers) {
    test.skipIf(server.missing)(`${server.command.join(" ")} (${server.name})`, { timeout: 120_000 }, async () => {
      await using sandbox = await coveSandbox();
      // Home is up before, so it stays after: what is gone then is the name.
      await sandbox.cove(["open", "--print"]);
      const cwd = project(server.name, server.files);
      const running = await sandbox.start(["run", "--", ...server.command], { cwd });
      const answer = await eventually(async () => {
        const got = await ask(sandbox.port, `${server.name}.localhost`);
        return got.status === 200 ? got : undefined;
      }, 90_000);
      expect(answer.body).toContain(server.says);
      await running.stop();
      const after = await ask(sandbox.port, `${server.name}.localhost`);
      expect(after.status).toBe(421);
    });
  }
});

test("vite's hot reload speaks its WebSocket through the door", { timeout: 60_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = project("hot", {
    "index.html": `<!doctype html><script type="module" src="/main.js"></script>`,
    "main.js": "export const n = 1; import.meta.hot?.accept();",
  });
  const running = await sandbox.start(["run", "--", "npx", "vite"], { cwd });
  const client = await eventually(async () => {
    const got = await ask(sandbox.port, "hot.localhost", { path: "/@vite/client" });
    return got.status === 200 ? got.body : undefined;
  }, 30_000);
  await ask(sandbox.port, "hot.localhost", { path: "/main.js" });
  const token = /const wsToken = "([^"]+)"/.exec(client)?.[1];
  expect(token).toBeDefined();
  const socket = new WebSocket(`ws://127.0.0.1:${sandbox.port}/?token=${token}`, "vite-hmr", {
    headers: { host: `hot.localhost:${sandbox.port}` },
  });
  const messages: string[] = [];
  socket.on("message", (data) => messages.push(String(data)));
  await eventually(() => messages.find((text) => text.includes("connected")));
  writeFileSync(join(cwd, "main.js"), "export const n = 2; import.meta.hot?.accept();");
  const update = await eventually(() =>
    messages.find((text) => text.includes("update") || text.includes("full-reload")),
  );
  expect(update).toContain("main.js");
  socket.close();
  await running.stop();
});

test.skipIf(git === null)(
  "two worktrees of one repository run at once under their own names",
  { timeout: 60_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const main = scratch("trees");
    const side = join(scratch("side"), "tree");
    write(main, {
      "package.json": JSON.stringify({ name: "trees", type: "module" }),
      "server.js": `import { createServer } from "node:http";
      createServer((_, res) => res.end(process.cwd())).listen(process.env.PORT, process.env.HOST);`,
    });
    const run = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@localhost", ...args], { cwd: main, stdio: "pipe" });
    run("init", "-q", "-b", "main");
    run("add", ".");
    run("commit", "-q", "-m", "first");
    run("worktree", "add", "-q", "-b", "feature/pay", side);

    const first = await sandbox.start(["run", "--", "node", "server.js"], { cwd: main });
    const second = await sandbox.start(["run", "--", "node", "server.js"], { cwd: side });
    const at = (name: string) =>
      eventually(async () => {
        const got = await ask(sandbox.port, name);
        return got.status === 200 ? got.body : undefined;
      });
    expect(await at("trees.localhost")).toBe(main);
    expect(await at("feature-pay.trees.localhost")).toBe(side);
    await first.stop();
    expect(await at("feature-pay.trees.localhost")).toBe(side);
    await second.stop();
  },
);

test.each([
  ["serve", ["serve", "dits"], /there is no folder dits[\s\S]*cove serve dist/],
  ["serve of a file", ["serve", "package.json"], /is a file/],
  ["mock", ["mock", "--from", "pay.har"], /pay\.har/],
])("%s of what isn't there ends with the reason", async (_, args, reason) => {
  await using sandbox = await coveSandbox();
  const folder = project("not-there", { "dist/index.html": "hello" });
  const { code, stderr } = await sandbox.cove(args, { cwd: folder });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(reason);
});
