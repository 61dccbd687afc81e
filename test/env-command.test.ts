// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { scratch } from "./support/scratch.ts";

const config = (port: number) => `
services:
  db: { external: "postgres://ann:s3cret@127.0.0.1:${port}/app" }
  api:
    command: node -e "setInterval(() => {}, 1000)"
    ready: none
    needs: [db]
    envFile: own.env
    env:
      DEV_DB_HOSTNAME: "\${db.host}"
      MOTTO: it's "quoted" $$HOME
`;

function project(port = 1): string {
  const folder = scratch("env-command");
  writeFileSync(join(folder, "cove.yaml"), config(port));
  writeFileSync(join(folder, "own.env"), "LEVEL=file\nTWICE=file\nA.DOT=1\n");
  mkdirSync(join(folder, "sub"));
  return folder;
}

interface Said {
  readonly version: 1;
  readonly services: readonly {
    readonly service: string;
    readonly variables: readonly { name: string; value: string; from: string; insteadOf?: string[]; secret: boolean }[];
  }[];
}

test("cove env lists variables with their origins, secrets hidden, before the stack runs", async () => {
  await using sandbox = await coveSandbox();
  const cwd = join(project(), "sub");
  const env = { TWICE: "shell", DB_URL: "postgres://prod" };
  const listed = await sandbox.cove(["env", "api", "--json"], { cwd, env });
  expect(listed.stderr).toBe("");
  const [api] = (JSON.parse(listed.stdout) as Said).services;
  const of = (name: string) => api?.variables.find((one) => one.name === name);
  expect(of("LEVEL")).toEqual({ name: "LEVEL", value: "file", from: "envFile", secret: false });
  expect(of("TWICE")).toMatchObject({ value: "shell", from: "shell", insteadOf: ["envFile"] });
  expect(of("PORT")).toMatchObject({ from: "Cove" });
  expect(of("DEV_DB_HOSTNAME")).toMatchObject({ value: "127.0.0.1", from: "config" });
  expect(of("DB_URL")).toMatchObject({ value: "••••••", from: "edge db", insteadOf: ["shell"], secret: true });
  expect(of("ConnectionStrings__db")).toMatchObject({ value: "••••••" });
  expect(of("HOME")).toBeUndefined();
  expect(listed.stdout).not.toContain("s3cret");

  const shown = await sandbox.cove(["env", "api", "--show-secrets", "--all"], { cwd, env });
  expect(shown.stdout).toMatch(/^ {2}DB_PASSWORD +edge db +s3cret$/m);
  expect(shown.stdout).toMatch(/^ {2}DB_URL +edge db, not shell +postgres:\/\/ann:s3cret@/m);
  expect(shown.stdout).toMatch(/^ {2}COVE_HOME +shell +/m);

  const wrong = await sandbox.cove(["env", "apy"], { cwd });
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    expect.stringMatching(/no service apy; did you mean "api"\?\n.*db, api/),
  ]);
});

test("cove env --export is for a shell, and a command gets the same", async () => {
  await using sandbox = await coveSandbox();
  const cwd = project();
  const lines = await sandbox.cove(["env", "api", "--export"], { cwd });
  expect(lines.stderr).toContain("A.DOT");
  const script = `${lines.stdout}\nprintf '%s|%s|%s' "$DB_PASSWORD" "$MOTTO" "$DEV_DB_HOSTNAME"`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe('s3cret|it\'s "quoted" $HOME|127.0.0.1');
  const all = await sandbox.cove(["env", "--export"], { cwd });
  expect([all.code, all.stderr]).toEqual([2, expect.stringContaining("name a service")]);

  const code = "console.log(process.env.MOTTO, process.argv[1]); process.exit(7)";
  const ran = await sandbox.cove(["env", "api", "--", process.execPath, "-e", code, "--", "--all"], { cwd });
  expect([ran.code, ran.stdout]).toEqual([7, 'it\'s "quoted" $HOME --all\n']);
  const none = await sandbox.cove(["env", "api", "--", "no-such-program"], { cwd });
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("no-such-program can't be run")]);
});

test("while the stack runs it says the same, and acts on this folder's project only", async () => {
  await using sandbox = await coveSandbox();
  const database = createServer((socket) => socket.end());
  database.listen(0, "127.0.0.1");
  await once(database, "listening");
  onTestFinished(() => void database.close());
  const cwd = project((database.address() as AddressInfo).port);
  const before = await sandbox.cove(["env", "--json", "--show-secrets"], { cwd });
  const up = await sandbox.start(["up"], { cwd });
  await up.waitFor(/api\s+ready/);
  expect((await sandbox.cove(["env", "--json", "--show-secrets"], { cwd })).stdout).toBe(before.stdout);
  const elsewhere = await sandbox.cove(["env"], { cwd: scratch("elsewhere") });
  expect([elsewhere.code, elsewhere.stderr]).toEqual([1, expect.stringContaining("CONFIG_MISSING")]);
});

test("what a service's own program would take for its setting is named, with the way to have it", async () => {
  await using sandbox = await coveSandbox();
  const cwd = scratch("own-settings");
  const api = { command: "mvn -q spring-boot:run", needs: ["server"] };
  writeFileSync(join(cwd, "cove.json"), JSON.stringify({ services: { api, server: { external: 4000 } } }));
  const { stdout } = await sandbox.cove(["env", "api"], { cwd });
  expect(stdout).not.toMatch(/^ {2}SERVER_PORT /m);
  expect(stdout.replace(/\n {4}/g, " ")).toContain(
    "! SERVER_PORT of server isn't handed out: Spring Boot, Helidon, Quarkus, Micronaut would take it for its own setting. " +
      'Under a name of your own: env: { MY_NAME: "${server.port}" }.',
  );
  const [one] = JSON.parse((await sandbox.cove(["env", "api", "--json"], { cwd })).stdout).services;
  const readBy = "Spring Boot, Helidon, Quarkus, Micronaut";
  expect(one.withheld).toEqual([
    { name: "SERVER_HOST", from: "edge server", readBy },
    { name: "SERVER_PORT", from: "edge server", readBy },
  ]);
});
