// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

function project(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = scratch("env-files");
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  for (const [path, text] of Object.entries({ "package.json": '{ "name": "envs" }', ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Prints the variables whose names begin with X_, and ends. */
const PRINT =
  "console.log(JSON.stringify(Object.fromEntries(Object.entries(process.env).filter(([k]) => k.startsWith('X_')))))";

async function printed(sandbox: Sandbox, cwd: string, options: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { code, stdout, stderr } = await sandbox.cove(["run", ...options, "--", "node", "-e", PRINT], { cwd, env });
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  const line = `${stdout}\n${stderr}`.split("\n").find((text) => text.includes("{"));
  return JSON.parse(line?.slice(line.indexOf("{")) ?? "null") as Record<string, string>;
}

describe("cove run", () => {
  test("gives a program the env files that it is told of, below the shell, and no others", async () => {
    await using sandbox = await coveSandbox();
    const cwd = project({
      ".env": "X_A=dot",
      ".env.local": "X_A=local",
      "a.env": Buffer.from("\ufeffX_A=a\r\nX_B=\"${X_A}-${X_SHELL}\"\r\nX_SHELL=file\r\nX_S='${X_A}'\r\n", "utf16le"),
      "b.env": "X_C=${X_B}!\nexport X_A=b # later\n",
    });
    expect(await printed(sandbox, cwd, [])).toEqual({});
    const options = ["--env-file", "a.env", "--env-file-if-exists", "none.env", "--env-file=b.env"];
    expect(await printed(sandbox, cwd, options, { X_SHELL: "shell" })).toEqual({
      ...{ X_A: "b", X_B: "a-shell", X_C: "a-shell!", X_S: "${X_A}", X_SHELL: "shell" },
    });
    // What stands behind the dashes is the program's.
    const node = await sandbox.cove(["run", "--", "node", "--env-file", "b.env", "-p", "process.env.X_A + ' ${X_Z}'"], {
      cwd,
    });
    expect(`${node.code} ${node.stdout}${node.stderr}`).toContain("b ${X_Z}");
  });

  test("says which file and line it can't read", async () => {
    await using sandbox = await coveSandbox();
    const cwd = project({ "bad.env": "X_A=1\nX_B='secret", "unset.env": "X_A=pa$word" });
    const said = async (file: string) => {
      const { code, stderr } = await sandbox.cove(["run", "--env-file", file, "--", "node", "-e", PRINT], { cwd });
      return `${code} ${stderr.split("\n")[0]?.replaceAll(`${cwd}/`, "")}`;
    };
    // Node itself looks for the files of an --env-file anywhere on its command line, and ends with 9 where one is missing.
    expect(await said("none.env")).toMatch(/^(2 USAGE {2}--env-file: none\.env isn't there|9 .*none\.env: not found)$/);
    expect(await said("bad.env")).toBe("2 USAGE  --env-file: bad.env:2 X_B begins with ' and has no closing '");
    expect(await said("unset.env")).toMatch(/^2 USAGE {2}--env-file: unset\.env:1 names \$word, which is set nowhere/);
  });

  test("leaves Vite its own env files", async () => {
    await using sandbox = await coveSandbox();
    const cwd = project({
      ".env": "VITE_A=base\nVITE_B=base",
      ".env.development": "VITE_A=development\nVITE_C=${VITE_B}-x",
      "index.html": '<script type="module" src="/main.js"></script>',
      "main.js": "console.log(import.meta.env.VITE_A)",
    });
    const run = await sandbox.start(["run", "--", "vite"], { cwd });
    await run.waitFor(/envs\.localhost/);
    const { body } = await ask(sandbox.port, "envs.localhost", { path: "/main.js" });
    expect(body).toContain('"VITE_A": "development"');
    expect(body).toContain('"VITE_B": "base"');
    expect(body).toContain('"VITE_C": "base-x"');
    await run.stop();
  });
});

test("a stack's services get their own env files, and .env fills in the config alone", async () => {
  await using sandbox = await coveSandbox();
  const server = `require("node:http").createServer((_, response) => response.end(JSON.stringify({ argv: process.argv.slice(2),
    env: Object.fromEntries(Object.entries(process.env).filter(([k]) => k.startsWith("X_"))) }))).listen(process.env.PORT, process.env.HOST);`;
  const cwd = project({
    "server.cjs": server,
    ".env": "X_DOT=dot\nCOLOUR=blue\nPORT=1\nPROBE=true",
    "all.env": "X_ALL=all",
    "own.env": "X_OWN=${X_SHELL}-own\n",
    "cove.yaml": `
name: \${COLOUR}-stack
envFile: all.env
services:
  a: { command: "node server.cjs \${COLOUR} \${PORT} $\${COLOUR}", env: { COLOUR: red, X_A: "\${COLOUR}" } }
  b:
    command: [node, server.cjs, "\${COLOUR}", "\${PORT}", "$\${COLOUR}"]
    envFile: [own.env, { path: none.env, required: false }]
    ready: { command: "\${PROBE} && test -n \${X_OWN}" }
    env: { X_B: "\${X_OWN} \${COLOUR} \${NONE:-none} \${A_PORT:-} $$" }
`,
  });
  const up = await sandbox.cove(["up", "-d"], { cwd, env: { X_SHELL: "shell" } });
  expect([up.code, up.stderr]).toEqual([0, ""]);
  const told = async (name: string) =>
    JSON.parse((await ask(sandbox.port, `${name}.blue-stack.localhost`)).body) as object;
  // The shell of a's line has COLOUR of its `env`.
  expect(await told("a")).toEqual({
    argv: ["red", expect.stringMatching(/^\d{4,5}$/), "red"],
    env: { X_ALL: "all", X_A: "red", X_SHELL: "shell" },
  });
  expect(await told("b")).toEqual({
    argv: ["blue", expect.stringMatching(/^\d{4,5}$/), "${COLOUR}"],
    env: { X_OWN: "shell-own", X_B: "shell-own blue none  $", X_SHELL: "shell" },
  });
  await sandbox.cove(["down"], { cwd });
  // In the background as in a terminal, it says what is wrong.
  writeFileSync(join(cwd, "own.env"), "X_OWN='secret\n");
  const bad = await sandbox.cove(["up", "-d"], { cwd });
  expect([bad.code, bad.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^CONFIG_INVALID {2}cove\.yaml:\d+:\d+ services\.b\.envFile\[0\]: own\.env:1 X_OWN begins with '/,
    ),
  ]);
});
