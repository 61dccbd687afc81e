// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

/** What the documents show below a command is what the command prints. */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (document: string) => readFileSync(join(ROOT, document), "utf8");

/** The lines that a document shows below a command, in the block that has `having`. */
function shownBelow(document: string, command: string, having: string): string[] {
  const blocks = [...read(document).matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  const block = blocks.find((text) => text.includes(`$ ${command}\n`) && text.includes(having));
  if (block === undefined) throw new Error(`${document} shows no ${command} with ${having}`);
  const [, output = ""] = block.split(`$ ${command}\n`);
  return (/^(?:(?!\$ ).*\n)*/.exec(output)?.[0] ?? "").trimEnd().split("\n");
}

/** The first block of code after a text. */
function codeAfter(document: string, text: string): string {
  const rest = read(document).slice(read(document).indexOf(text));
  return /^```\w+\n([\s\S]*?)^```$/m.exec(rest)?.[1] ?? "";
}

/** What is never the same twice: times, ports, pids, the door's port, folders. */
const VARIES: readonly (readonly [RegExp, string])[] = [
  [/\b6\d{4}\b/g, "\\d{4,5}"],
  [/\bpid \d+/g, "pid \\d+"],
  [/\b\d+\\\.\d s\b/g, "\\d+\\.\\d s"],
  [/~\/[\w/]+/g, "\\S+"],
  [/and 40 of/g, "and \\d+ of"],
];

/** Lines of a document as a pattern: `…` alone stands for any lines, blanks between columns for as many as it takes. */
function patternOf(lines: readonly string[]): RegExp {
  const parts = lines.map((line) => {
    if (line.trim() === "…") return "(?:.*\\n)*?";
    let text = line.replace(/[.*+?^$(){}|[\]\\]/g, "\\$&");
    for (const [found, by] of VARIES) text = text.replace(found, () => by);
    return `${text.replace(/(\S) {2,}/g, "$1 {2,}")}\\n`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

const expectShown = (printed: string, lines: readonly string[]) =>
  expect(`${printed.trimEnd()}\n`).toMatch(patternOf(lines));

function folderOf(files: Readonly<Record<string, string>>, name = "documents"): string {
  const folder = scratch(name);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const SERVER = "require('http').createServer((q, s) => s.end()).listen(process.env.PORT, process.env.HOST)";

describe("docs/environment.md", () => {
  const DOCUMENT = "docs/environment.md";
  const config = (fault: string) => codeAfter(DOCUMENT, fault);

  test("a reference to a fact that isn't there", async () => {
    await using sandbox = await coveSandbox();
    const yaml = config("`${db.host}` is a fact of a service").replace("${db.host}", "${db.hostname}");
    const lines = shownBelow(DOCUMENT, "cove up", "db.hostname");
    // The document's block leaves the lines between out.
    const { stderr } = await sandbox.cove(["up"], { cwd: folderOf({ "cove.yaml": yaml }) });
    const [first = "", ...more] = lines;
    const place = /cove\.yaml:\d+:\d+/;
    expect(stderr.replace(place, "")).toContain(first.replace(place, ""));
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(more.at(-1));
  });

  test("an env file that can't be read", async () => {
    await using sandbox = await coveSandbox();
    const yaml = config("## A service's env files");
    const files = { "cove.yaml": yaml, "api.env": 'A=1\nKEY="begun\n', "shared.env": "" };
    const { stderr } = await sandbox.cove(["up"], { cwd: folderOf(files) });
    const [first = "", ...more] = shownBelow(DOCUMENT, "cove up", "has no closing");
    const place = /cove\.yaml:\d+:\d+/;
    expect(stderr.replace(place, "")).toContain(first.replace(place, ""));
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(more.at(-1));
  });

  test("cove env", async () => {
    await using sandbox = await coveSandbox();
    const yaml = `services:
  db: { postgres: {} }
  api: { command: node api.js, needs: [db], envFile: api.env, env: { DEV_DB_HOSTNAME: "\${db.host}" } }
`;
    const cwd = folderOf({ "cove.yaml": yaml, "api.env": "LEVEL=debug\nTOKEN=t\n" });
    const env = { DATABASE_URL: "postgres://prod/app" };
    const { stdout } = await sandbox.cove(["env", "api"], { cwd, env });
    expectShown(stdout, shownBelow(DOCUMENT, "cove env api", "COVE_URL"));
  });
});

test("docs/editing.md: what an edit changes", { timeout: 60_000 }, async () => {
  await using sandbox = await coveSandbox();
  const service = (more = "") => `{ command: node server.js${more} }`;
  const cwd = folderOf({
    "server.js": SERVER,
    "cove.yaml": `name: shop\nservices:\n  db: ${service()}\n  old: ${service()}\n  api: ${service()}\n`,
  });
  await sandbox.cove(["up", "-d"], { cwd });
  const edited = `name: shop\nservices:\n  db: ${service()}\n  mail: ${service()}\n  api: ${service(", env: { LOG_LEVEL: debug }")}\n`;
  writeFileSync(join(cwd, "cove.yaml"), edited);
  const { stdout } = await sandbox.cove(["up", "-d"], { cwd });
  const lines = shownBelow("docs/editing.md", "cove up -d", "LOG_LEVEL").map((line) =>
    line.replace("changed", "added"),
  );
  expectShown(stdout.replaceAll(`:${sandbox.port}`, ":62893"), lines);
});

describe("docs/terminals.md", () => {
  const run = (sandbox: Sandbox, script: string) =>
    spawnSync("bash", ["-c", `cove() { '${process.execPath}' '${join(ROOT, "bin/cove.js")}' "$@"; }\n${script}`], {
      ...{ cwd: scratch("terminals"), env: sandbox.env, encoding: "utf8" },
    });

  test.each([
    ["printf 'a\\r\\nb' | cove run -- od -c", "0000000"],
    ["cove run -- sh -c 'kill -9 $$' < /dev/null; echo $?", "137"],
  ])("%s", async (command, having) => {
    await using sandbox = await coveSandbox();
    expectShown(run(sandbox, command).stdout, shownBelow("docs/terminals.md", command, having));
  });

  test("output that can't be written", async () => {
    await using sandbox = await coveSandbox();
    const command = "cove status > /dev/full";
    // A name for it to print.
    await sandbox.cove(["alias", "grafana", "3001"]);
    const { stderr } = run(sandbox, command);
    expectShown(stderr, shownBelow("docs/terminals.md", command, "OUTPUT_LOST"));
  });
});

describe("docs/init.md", () => {
  test("cove init, and the config that it writes", async () => {
    await using sandbox = await coveSandbox();
    const packageOf = (dependencies: object) => JSON.stringify({ scripts: { dev: "node x" }, dependencies });
    const cwd = folderOf({
      "client/package.json": packageOf({ vite: "8" }),
      "client/.env.example": "BACKEND_URL=http://localhost:4000\n",
      "server/package.json": packageOf({ express: "5", pg: "8" }),
      "server/.env.example": "DEV_DB_HOSTNAME=localhost\nDEV_DB_USERNAME=ann\nDEV_DB_PASSWORD=\n",
    });
    const { stdout } = await sandbox.cove(["init"], { cwd });
    expectShown(stdout, shownBelow("docs/init.md", "cove init", "Wrote cove.yaml"));
    expect(readFileSync(join(cwd, "cove.yaml"), "utf8").trimEnd()).toBe(
      codeAfter("docs/init.md", "$ cove init").trimEnd(),
    );
  });
});

describe("README.md", () => {
  test("cove run: a name, and a program that listens elsewhere", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const cwd = folderOf({
      "package.json": JSON.stringify({ name: "my-app", scripts: { dev: `node -e "${SERVER}"` } }),
      "server.mjs":
        "import { createServer } from 'node:http'; createServer((q, s) => s.end('<p>hi')).listen(4321, '::1');",
    });
    for (const [command, having] of [
      ["cove run -- npm run dev", "ready"],
      ["cove run -- node server.mjs", "leads to it"],
    ] as const) {
      const running = await sandbox.start(command.split(" ").slice(1), { cwd });
      await running.waitFor(new RegExp(`^.*${having}.*\n`, "m"));
      await running.waitFor(/^ready .*\n/m);
      const said = running
        .output()
        .split("\n")
        .filter((line) => /^(its code|ready|localhost)/.test(line))
        // Home says that it leads there while the program becomes ready.
        .sort((one, other) => (one < other ? -1 : 1));
      expectShown(
        said.join("\n").replace(`:${sandbox.port}`, ":62893"),
        shownBelow("README.md", command, having).toSorted(),
      );
      await running.stop();
    }
  });

  test("a folder of no stack", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const parent = scratch("code");
    const names = ["shop", "blog"];
    for (const name of [...names, "notes"]) mkdirSync(join(parent, name));
    for (const name of names) {
      const cwd = join(parent, name);
      writeFileSync(
        join(cwd, "cove.json"),
        JSON.stringify({ name, services: { web: { command: `node -e "${SERVER}"` } } }),
      );
      await sandbox.cove(["up", "-d"], { cwd });
    }
    writeFileSync(join(parent, "notes/cove.json"), JSON.stringify({ services: { web: { command: "node x.js" } } }));
    const { code, stderr } = await sandbox.cove(["restart", "web"], { cwd: join(parent, "notes") });
    const words = (text: string) =>
      text
        .replace(/\(?\S*\/(notes|shop|blog)\)?/g, "$1")
        .replace(/\s+/g, " ")
        .trim();
    const shown = shownBelow("README.md", "cd ~/code/notes && cove restart web", "STACK_UNKNOWN");
    expect([code, words(stderr)]).toEqual([1, words(shown.join("\n"))]);
  });

  test("whose an address is", async () => {
    await using sandbox = await coveSandbox();
    const { stdout } = await sandbox.cove(["explain", "8.8.8.8:8080"]);
    expectShown(stdout, shownBelow("README.md", "cove explain 8.8.8.8:8080", "global address"));
  });

  test.skipIf(program("python3") === null)("who holds the door's port", async () => {
    await using sandbox = await coveSandbox();
    const cwd = folderOf({
      "server.py": `import socket, sys
held = socket.create_server(("127.0.0.1", ${sandbox.port}))
print("held", flush=True)
sys.stdin.read()
`,
      "cove.json": JSON.stringify({ services: { web: { command: "node x.js" } } }),
    });
    const { spawn } = await import("node:child_process");
    const holder = spawn("python3", ["server.py"], { cwd, stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void holder.kill());
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    const { code, stderr } = await sandbox.cove(["up"], { cwd });
    const [first = "", second = ""] = shownBelow("README.md", "cove up", "PORT_TAKEN");
    const plain = (text: string) => text.replace(/\d{4,}/g, "N").replace(/user \w+/, "user U");
    expect([code, plain(stderr).trimEnd().split("\n")]).toEqual([1, [plain(first), plain(second)]]);
  });

  test("Toxiproxy's API", async () => {
    await using sandbox = await coveSandbox();
    const proxies = [{ name: "redis", listen: "127.0.0.1:0", upstream: "127.0.0.1:6379", enabled: true }];
    const cwd = folderOf({ "toxiproxy.json": JSON.stringify(proxies) });
    const running = await sandbox.start(["toxiproxy", "--port", "0", "--config", "toxiproxy.json", "--seed", "7"], {
      cwd,
    });
    await running.waitFor(/ends it\n/);
    const plain = (text: string) => text.replace(/:\d+/g, ":N").replace(/ {2,}/g, "  ").trimEnd();
    const lines = shownBelow("docs/toxiproxy.md", "cove toxiproxy --config toxiproxy.json --seed 7", "seed 7");
    expect(plain(running.output())).toBe(plain(lines.join("\n")));
    await running.stop();
  });
});
