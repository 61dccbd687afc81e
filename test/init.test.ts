import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { ExchangeSummary } from "../src/inspect/summary.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

function repo(files: Readonly<Record<string, unknown>>): string {
  const folder = scratch("init");
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

/** `cove init && cove up -d`; the config that was written. */
async function begin({ cove }: Sandbox, cwd: string): Promise<string> {
  const init = await cove(["init"], { cwd });
  expect([init.code, init.stderr]).toEqual([0, ""]);
  const config = readFileSync(join(cwd, "cove.yaml"), "utf8");
  const up = await cove(["up", "-d"], { cwd });
  expect(up.code, `${up.stdout}${up.stderr}\n${config}`).toBe(0);
  return config;
}

/** What was said on an edge, once there is something. */
async function saidOn({ cove }: Sandbox, cwd: string, edge: string, title: RegExp): Promise<ExchangeSummary> {
  return await eventually(async () => {
    const { stdout } = await cove(["watch", "--no-follow", "--json", "-n", "100"], { cwd });
    const all = stdout.split("\n").filter((line) => line !== "");
    return all
      .map((line) => JSON.parse(line) as ExchangeSummary)
      .find((one) => one.edge === edge && one.ms !== null && title.test(one.title));
  });
}

const NODE_APP = {
  "client/package.json": { name: "client", scripts: { dev: "vite" }, devDependencies: { vite: "8" } },
  "client/index.html": "<h1>users</h1>",
  "client/vite.config.js":
    'export default { server: { proxy: { "/api": process.env.BACKEND_URL ?? "http://localhost:3001" } } };',
  "client/.env.example": "BACKEND_URL=http://localhost:3001\n",
  "server/package.json": {
    name: "server",
    type: "module",
    scripts: { dev: "node server.js" },
    dependencies: { express: "5", pg: "8" },
  },
  "server/.env.example":
    "PORT=3001\nGREETING=hello\nDEV_DB_HOSTNAME=localhost\nDEV_DB_PORT=5432\nDEV_DB_USERNAME=postgres\nDEV_DB_PASSWORD=\nDEV_DB_NAME=app\n",
  "server/server.js": `
    import express from "express";
    import pg from "pg";
    const { env } = process;
    const db = new pg.Pool({ host: env.DEV_DB_HOSTNAME, port: Number(env.DEV_DB_PORT), user: env.DEV_DB_USERNAME, password: env.DEV_DB_PASSWORD, database: env.DEV_DB_NAME });
    express()
      .get("/api/users", async (_, res) => res.json({ greeting: env.GREETING, rows: (await db.query("select 41 + 1 as answer")).rows }))
      .listen(Number(env.PORT));
  `,
};

test("Vite, Express and Postgres run as cove init found them: page, API, SQL", { timeout: 120_000 }, async () => {
  await using sandbox = await coveSandbox();
  const cwd = repo({ ...NODE_APP, "package.json": { name: "users" } });
  symlinkSync(join(ROOT, "node_modules"), join(cwd, "node_modules"));
  await begin(sandbox, cwd);
  expect((await ask(sandbox.port, "client.users.localhost")).body).toContain("<h1>users</h1>");
  const api = await ask(sandbox.port, "client.users.localhost", { path: "/api/users" });
  expect(JSON.parse(api.body)).toEqual({ greeting: "hello", rows: [{ answer: 42 }] });
  const sql = await saidOn(sandbox, cwd, "server→db", /41 \+/);
  const call = await saidOn(sandbox, cwd, "client→server", /users/);
  const page = await saidOn(sandbox, cwd, "browser→client", /users/);
  expect([call.traceId, sql.traceId]).toEqual([page.traceId, page.traceId]);

  // It's all there a second time, and stays as it is.
  const before = readFileSync(join(cwd, "cove.yaml"), "utf8");
  const again = await sandbox.cove(["init"], { cwd });
  expect([again.code, again.stdout]).toEqual([2, before]);
  expect(again.stderr).toContain("is there already, so nothing was written");
  writeFileSync(join(cwd, "cove.yaml"), "services: {}");
  const said = JSON.parse((await sandbox.cove(["init", "--print", "--json"], { cwd })).stdout);
  expect(said).toMatchObject({ version: 1, written: false, text: before, todo: [] });
  expect((await sandbox.cove(["init", "--force"], { cwd })).code).toBe(0);
  expect(readFileSync(join(cwd, "cove.yaml"), "utf8")).toBe(before);
});

const hasFlask = (): boolean => {
  try {
    execFileSync("python3", ["-c", "import flask"], { stdio: "ignore" });
    return program("psql") !== null;
  } catch {
    return false;
  }
};

test.skipIf(!hasFlask())(
  "Flask and Postgres of a compose file run as cove init found them",
  { timeout: 120_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = repo({
      "compose.yaml":
        "services:\n  store:\n    image: postgres:17\n    environment: { POSTGRES_DB: notes, POSTGRES_USER: ann, POSTGRES_PASSWORD: x }\n    volumes: ['./init.sql:/docker-entrypoint-initdb.d/init.sql']\n  backend:\n    build: .\n    depends_on: [store]\n    environment: { NOTES_DSN: 'postgresql://ann:x@store:5432/notes' }\n",
      "init.sql": "create table notes (text text); insert into notes values ('from the database');",
      "app.py": [
        "import os, subprocess",
        "from flask import Flask",
        "app = Flask(__name__)",
        '@app.get("/")',
        "def notes():",
        '    return subprocess.run(["psql", "-At", os.environ["NOTES_DSN"], "-c", "select text from notes"], capture_output=True, text=True).stdout',
      ].join("\n"),
    });
    await begin(sandbox, cwd);
    const name = (await sandbox.cove(["env", "backend", "--json"], { cwd })).stdout;
    expect(name).toContain('"NOTES_DSN"');
    const { services } = JSON.parse((await sandbox.cove(["--json"], { cwd })).stdout).stacks[0];
    const host = services.find((one: { name: string }) => one.name === "backend").names[0];
    expect((await ask(sandbox.port, host)).body).toBe("from the database\n");
    await saidOn(sandbox, cwd, "backend→store", /select text from notes/i);
  },
);

test.skipIf(program("php") === null || program("redis-server") === null)(
  "PHP and Redis run as cove init found them",
  { timeout: 120_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = repo({
      "composer.json": { name: "x/counter", require: { "predis/predis": "2" } },
      "vendor/autoload.php": "",
      "public/index.php":
        '<?php $r = fsockopen(getenv("REDIS_HOST"), (int) getenv("REDIS_PORT")); fwrite($r, "INCR visits\\r\\n"); echo "visits " . fgets($r);',
    });
    await begin(sandbox, cwd);
    const { services } = JSON.parse((await sandbox.cove(["--json"], { cwd })).stdout).stacks[0];
    const host = services.find((one: { name: string }) => one.name === "web").names[0];
    expect((await ask(sandbox.port, host)).body.trim()).toBe("visits :1");
    await saidOn(sandbox, cwd, "web→redis", /INCR visits/);
  },
);

test("cove init tells what it can't do, and writes nothing then", async () => {
  await using sandbox = await coveSandbox();
  const empty = repo({ "README.md": "hello" });
  const nothing = await sandbox.cove(["init"], { cwd: empty });
  expect([nothing.code, nothing.stderr]).toEqual([1, expect.stringContaining("found nothing in")]);
  expect(existsSync(join(empty, "cove.yaml"))).toBe(false);
  // A config in code is not replaced by one in YAML, which would stand behind it.
  const other = repo({ Procfile: "web: node x.js", "cove.config.ts": "export default {}" });
  const beside = await sandbox.cove(["init", "--force"], { cwd: other });
  expect([beside.code, beside.stderr]).toEqual([2, expect.stringContaining("cove.config.ts is this folder's config")]);
  expect(existsSync(join(other, "cove.yaml"))).toBe(false);
});
