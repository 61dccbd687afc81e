// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { load, projectFolder, said } from "../stack.fixture.ts";
import { loadConfig } from "./config.ts";

function inShell(name: string, value: string): void {
  process.env[name] = value;
  onTestFinished(() => void delete process.env[name]);
}

describe("${NAME} in a config", () => {
  test("means what the shell has, then what .env beside it has, in texts of every key", async () => {
    inShell("FILL_SHELL", "shell");
    const root = projectFolder({
      ".env": "FILL_SHELL=file\nDIR=docs\nDB=shop\nADMIN=admin\nSLOW=slow-3g\nWEB_PORT=4100\nNAME=shop\nWAIT=20",
      "cove.yaml": `
x-note: \${NOT_READ}
name: \${NAME}
conditions: { "w": "\${SLOW}" }
services:
  w:
    command: node w.js \${DIR}
    port: \${WEB_PORT:?}
    names: ["\${ADMIN}", "x-\${FILL_SHELL}"]
    readyTimeout: \${WAIT}s
    stopTimeout: "\${WAIT}"
    ready: { http: "/\${DIR}", status: "\${STATUS:-204}" }
    restart: { max: "\${MAX:-3}" }
    guard: { bind: "\${BIND:-warn}" }
    capture: \${CAPTURE:-false}
    env: { A: "\${DIR}" }
  d: { files: "./\${DIR}", spa: "\${SPA:-true}" }
  db: { postgres: { database: "\${DB}", init: ["$\${DB}.sql"], settings: { work_mem: "\${MEM:-4}" } } }
  ext: { external: "\${EXT:-4000}" }
`,
      "docs/x": "",
    });
    const { services, name, network } = await load(root);
    const find = (wanted: string) => services.find((one) => one.name === wanted);
    expect(name).toBe("shop");
    expect(network?.conditions).toEqual({ w: "slow-3g" });
    expect(find("w")).toMatchObject({
      options: { command: "node w.js ${DIR}" },
      common: {
        port: 4100,
        names: { door: ["admin.localhost", "x-shell.localhost"] },
        readyTimeout: 20_000,
        stopTimeout: 20,
        ready: { type: "http", path: "/docs", status: 204 },
        restart: { max: 3 },
        guard: { bind: "warn" },
        capture: { on: false },
        env: { A: "${DIR}" },
      },
    });
    expect(find("d")?.options).toEqual({ dir: "./docs", spa: true });
    expect(find("db")?.options).toEqual({ database: "shop", init: ["${DB}.sql"], settings: { work_mem: "4" } });
    expect(find("ext")?.options).toEqual({ at: "4000" });
  });

  test("that is set nowhere, or fits nowhere, is refused by its line", async () => {
    const root = projectFolder({
      ".env": "WORDS=some words",
      "cove.yaml": "services:\n  a: { command: x, cwd: '${TYPO_DIR}' }\n  b: { files: '${KEY_OF_B:?make one}' }\n",
      "w/cove.yaml": "services:\n  a:\n    command: x\n    port: ${WORDS}\n",
      "w/.env": "WORDS=some words",
    });
    expect(said(await loadConfig(root), root).match(/^cove.*$/gm)).toEqual([
      "cove.yaml:2:25 services.a.cwd: names ${TYPO_DIR}, which is set nowhere. Set TYPO_DIR, give a default as in ${TYPO_DIR:-…}, or write $$ for a plain $",
      "cove.yaml:3:15 services.b.files: needs KEY_OF_B: make one. Set KEY_OF_B",
    ]);
    expect(said(await loadConfig(join(root, "w")), join(root, "w")).split("\n")[0]).toBe(
      "cove.yaml:4:11 services.a.port: must be a port from 1 to 65535 (it is filled in from ${WORDS})",
    );
  });

  test("a .env that can't be read matters once a name is needed that the shell hasn't", async () => {
    inShell("FILL_SHELL", "x");
    const folder = (yaml: string, env = "A=1\nsome words") => projectFolder({ "cove.yaml": yaml, ".env": env });
    expect((await load(folder("services: { a: { files: x } }"))).services).toHaveLength(1);
    expect((await load(folder("services: { a: { files: '${FILL_SHELL}' } }"))).services).toHaveLength(1);
    const needs = folder("services: { a: { files: '${A_DIR}' } }");
    expect(said(await loadConfig(needs), needs).split("\n")[0]).toBe(
      "cove.yaml:1:25 services.a.files: needs A_DIR, but .env:2 has no = behind some; write NAME=value, or # before a comment",
    );
    const unset = folder("services: { a: { files: '${A_DIR}' } }", "B=1\nA_DIR=pa$word");
    expect(said(await loadConfig(unset), unset).split("\n")[0]).toBe(
      "cove.yaml:1:25 services.a.files: .env:2 names $word, which is set nowhere",
    );
  });

  test("a folder called .env is none of Cove's", async () => {
    const root = projectFolder({ "cove.yaml": "services: { a: { files: '${A_DIR:-x}' } }", ".env/bin/python": "" });
    expect((await load(root)).services[0]?.options).toEqual({ dir: "x" });
  });
});

/** Loads configs with Node's own loader; its answers, a line each. */
function loadApart(folders: readonly string[], env: NodeJS.ProcessEnv = {}): unknown[] {
  const fixture = fileURLToPath(new URL("load.fixture.ts", import.meta.url));
  const output = execFileSync(process.execPath, [fixture, ...folders], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

test("a config in code has it in its texts, and in process.env", () => {
  const root = projectFolder({
    ".env": "DIR=docs\nFILL_SHELL=file",
    "cove.config.ts":
      'export default { services: { a: { files: "${DIR}" }, b: { files: `${process.env.DIR}-${process.env.FILL_SHELL}` } } };',
  });
  expect(loadApart([root], { FILL_SHELL: "shell" })).toMatchObject([
    { services: [{ options: { dir: "docs" } }, { options: { dir: "docs-shell" } }] },
  ]);
  const broken = projectFolder({
    ".env": "some words",
    "cove.config.ts": "export default {\n  name: process.env.STACK,\n  services: { a: { files: 'x' } } };",
  });
  expect(loadApart([broken])).toMatchObject([
    {
      fault: "CONFIG_INVALID",
      message: expect.stringMatching(/cove\.config\.ts:2:9 process\.env has nothing of .*\.env:1 has no = behind some/),
    },
  ]);
});

describe("a config is read in the encoding that it was saved in", () => {
  const encodings: [string, (text: string) => Buffer][] = [
    ["UTF-8 with a mark", (text) => Buffer.from(`\ufeff${text}`)],
    ["UTF-16 LE", (text) => Buffer.from(`\ufeff${text}`, "utf16le")],
    ["UTF-16 BE", (text) => Buffer.from(`\ufeff${text}`, "utf16le").swap16()],
  ];
  test.each(encodings)("%s", (_, encoded) => {
    const files: [string, string][] = [
      ["yaml/cove.yaml", "name: größe-x\nservices: { a: { files: ö } }".replace("größe-x", "shop")],
      ["json/cove.json", '{ "name": "shop", "services": { "a": { "files": "ö" } } }'],
      [
        "ts/cove.config.ts",
        'import { dir } from "./dir.ts";\nconst name: string = "shop";\nexport default { name, services: { a: { files: dir } } };',
      ],
      ["js/cove.config.mjs", 'export default { name: "shop", services: { a: { files: "ö" } } };'],
    ];
    const root = projectFolder({});
    for (const [path, text] of files) {
      mkdirSync(join(root, path, ".."), { recursive: true });
      writeFileSync(join(root, path), encoded(text));
    }
    writeFileSync(join(root, "ts/dir.ts"), encoded('export const dir: string = "ö";'));
    const loaded = loadApart(["yaml", "json", "ts", "js"].map((name) => join(root, name)));
    for (const one of loaded) expect(one).toMatchObject({ name: "shop", services: [{ options: { dir: "ö" } }] });
  });

  test("or refused by its line", async () => {
    const root = projectFolder({});
    writeFileSync(
      join(root, "cove.yaml"),
      Buffer.concat([Buffer.from("services:\n  a: { files: "), Buffer.from([0xf6, 10])]),
    );
    expect(said(await loadConfig(root), root)).toBe("cove.yaml:2:1 isn't UTF-8 text in line 2; save it as UTF-8");
  });
});
