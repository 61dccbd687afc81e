// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { program } from "../../../test/support/programs.ts";
import { isFault } from "../../fault/fault.ts";
import { load, projectFolder, said } from "../stack.fixture.ts";
import { loadConfig } from "./config.ts";

const ONE = { services: { a: { command: "x" } } };

describe("a config is found", () => {
  test("in the folder or above, the nearest first", async () => {
    const root = projectFolder({
      "cove.json": ONE,
      "apps/web/cove.yaml": "services: { w: { command: x } }",
      "docs/x": "",
    });
    mkdirSync(join(root, "apps/web/src"));
    expect((await load(join(root, "docs"))).file).toBe(join(root, "cove.json"));
    expect(await load(join(root, "apps/web/src"))).toMatchObject({
      file: join(root, "apps/web/cove.yaml"),
      dir: join(root, "apps/web"),
      name: null,
    });
  });

  test("in code before YAML before JSON", async () => {
    const root = projectFolder({ "cove.json": ONE, "cove.yml": "services: { yml: { command: x } }" });
    expect((await load(root)).file).toBe(join(root, "cove.yml"));
  });

  test.skipIf(program("git") === null)("not above the checkout", async () => {
    const root = projectFolder({ "cove.json": ONE, "repo/src/x": "" });
    execFileSync("git", ["init", "-q", join(root, "repo")]);
    const missing = await loadConfig(join(root, "repo/src"));
    expect(isFault(missing) && missing.fault).toBe("CONFIG_MISSING");
  });

  test("or else it says what to do", async () => {
    const root = projectFolder({});
    const missing = await loadConfig(root);
    expect(isFault(missing) && missing).toMatchObject({
      fault: "CONFIG_MISSING",
      message: `no cove.config.ts, cove.yaml or cove.json in ${root} or above`,
    });
    const hint = isFault(missing) ? missing.hint : "";
    expect(hint).toContain("cove run -- <command>");
    expect(hint).toContain('import { command, defineStack, postgres } from "cove";');
  });
});

describe("YAML", () => {
  test("has each kind as a key, in short or with its options, or as kind", async () => {
    const root = projectFolder({
      "cove.yaml": `
x-usual: &usual { readyTimeout: 2s, stopTimeout: 500 }
name: shop
services:
  db: { postgres: { init: [a.sql] }, <<: *usual }
  other: { postgres: }
  api:
    command: node server.ts
    needs: [db]
    ready: { log: "listening on \\\\d+" }
    restart: { max: 3 }
    names: [admin, "*.app", b.test, full.example.]
    env: { N: 1, B: true }
    envFile: [.env.test]
    stopSignal: SIGINT
  list: { command: [node, server.ts] }
  docs: { files: ./docs, spa: true }
  more: { files: { dir: ./more, listing: false } }
  plain: { kind: files, dir: ./plain }
  pay: { external: 4000 }
`,
    });
    const { services, name } = await load(root);
    expect(name).toBe("shop");
    expect(services.map(({ name, kind, options, common }) => [name, kind.name, options, common])).toEqual([
      ["db", "postgres", { init: ["a.sql"] }, { readyTimeout: 2_000, stopTimeout: 500 }],
      ["other", "postgres", {}, {}],
      [
        "api",
        "command",
        { command: "node server.ts", stopSignal: "SIGINT" },
        {
          needs: ["db"],
          ready: { type: "log", pattern: "listening on \\d+" },
          restart: { when: "on-failure", max: 3 },
          names: { door: ["admin.localhost", "*.app.localhost", "b.test", "full.example"] },
          env: { N: 1, B: true },
          envFile: [{ path: ".env.test", required: true }],
        },
      ],
      ["list", "command", { command: ["node", "server.ts"] }, {}],
      ["docs", "files", { dir: "./docs", spa: true }, {}],
      ["more", "files", { dir: "./more", listing: false }, {}],
      ["plain", "files", { dir: "./plain" }, {}],
      ["pay", "external", { at: 4000 }, {}],
    ]);
  });

  test("has every mistake told at once, with file, line, key and the nearest spelling", async () => {
    const root = projectFolder({
      "cove.yaml": `name: Shop
servcies: {}
services:
  db: { postgres: { inti: [a.sql] } }
  api:
    comand: node server.js
    needs: [dbb]
  web:
    command: vite
    needs: [apy, web]
    ready: { http: /x, stauts: 200 }
    readyTimeout: ten
    port: 99999
    volumes: 1
  Docs: { files: 3 }
  browser: { files: x }
  two: { command: x, files: y }
  none: { needs: [] }
  pay: { external: "https://pay.test" }
  short: { postgres: data }
  mail: { kind: telnet }
  odd:
    command: x
    restart: { when: sometimes }
    names: a b
    env: { a-b: 1, ok: [1] }
  odder: { command: x, ready: htp }
  odd3: { command: x, ready: { http: x } }
  odd4: { command: x, ready: { log: "(" } }
  odd5: 5
`,
    });
    const fault = await loadConfig(root);
    const lines = said(fault, root).split("\n");
    expect(lines.filter((line) => line.startsWith("cove.yaml:"))).toEqual([
      'cove.yaml:1:7 name: "Shop" is no name: use a–z, 0–9 and inner dashes, at most 63',
      'cove.yaml:2:1 servcies: unknown key; did you mean "services"?',
      'cove.yaml:4:21 services.db.postgres.inti: unknown key; did you mean "init"?',
      'cove.yaml:6:5 services.api.comand: unknown key; did you mean "command"?',
      'cove.yaml:7:13 services.api.needs[0]: there is no service dbb; did you mean "db"?',
      'cove.yaml:10:13 services.web.needs[0]: there is no service apy; did you mean "api"?',
      "cove.yaml:10:18 services.web.needs[1]: web can't need itself",
      'cove.yaml:11:24 services.web.ready.stauts: unknown key; did you mean "status"?',
      "cove.yaml:12:19 services.web.readyTimeout: must be a number of milliseconds or a text such as 500ms, 10s or 2m",
      "cove.yaml:13:11 services.web.port: must be a port from 1 to 65535",
      "cove.yaml:14:5 services.web.volumes: unknown key",
      'cove.yaml:15:3 services.Docs: "Docs" is no name: use a–z, 0–9 and inner dashes, at most 63',
      "cove.yaml:15:18 services.Docs.files: must be a text, not a number",
      'cove.yaml:16:3 services.browser: "browser" stands for the way through the door; choose another name',
      "cove.yaml:17:22 services.two.files: has two kinds: command and files",
      "cove.yaml:18:3 services.none: has no kind; give it one of command, postgres, files, mock, external",
      "cove.yaml:19:20 services.pay.external: can't be https: an edge is plain TCP; hand the URL over in the consumer's env instead",
      "cove.yaml:20:22 services.short.postgres: has no short form: write its options as keys",
      "cove.yaml:21:17 services.mail.kind: there is no kind telnet; there are command, postgres, files, mock, external",
      'cove.yaml:24:22 services.odd.restart.when: must be one of "always", "on-failure", "never"',
      "cove.yaml:25:12 services.odd.names: is not a host name: a b",
      "cove.yaml:26:12 services.odd.env.a-b: is not a variable's name",
      "cove.yaml:26:24 services.odd.env.ok: must be a text, a number, true or false",
      'cove.yaml:27:31 services.odder.ready: must be "tcp", "http", "exit", "none", or one of { http: "/path" }, { log: "regex" }, { command: "…" }, { tcp: true }',
      "cove.yaml:28:38 services.odd3.ready.http: must be a path that starts with /",
      "cove.yaml:29:37 services.odd4.ready.log: is not a regular expression: missing closing ): `(`",
      "cove.yaml:30:9 services.odd5: must be a service, such as { command: node server.js }",
    ]);
    expect(isFault(fault) && fault.detail).toMatchObject({
      file: join(root, "cove.yaml"),
      line: 1,
      column: 7,
      key: "name",
      problems: expect.arrayContaining([{ key: "services.web.volumes", message: "unknown key", line: 14, column: 5 }]),
    });
  });

  test("shows the line of a mistake, with a mark below it", async () => {
    const root = projectFolder({ "cove.yaml": "services:\n  api:\n    command: x\n    reddy: tcp\n" });
    expect(
      said(await loadConfig(root), root),
    ).toBe(`cove.yaml:4:5 services.api.reddy: unknown key; did you mean "ready"?
  4 |     reddy: tcp
    |     ^`);
  });

  test.each([
    ["services:\n  a: [1\n", "cove.yaml:3:1"],
    ["services:\n\ta: 1\n", "cove.yaml:2:1"],
    ["services:\n  a: { command: x }\n  a: { command: y }\n", "cove.yaml:3:3 map keys must be unique"],
    ["services: *none\n", "cove.yaml"],
    ["", "cove.yaml must hold the stack: name and services"],
    ["just text", "cove.yaml:1:1 must hold the stack: name and services"],
    ["name: a\n", 'cove.yaml:1:1 must have "services"'],
    ["services: {}\n", "cove.yaml:1:1 services: must hold at least one service by its name"],
    ["services: { f: { files: {} } }\n", 'cove.yaml:1:18 services.f.files: must have "dir"'],
  ])("%j is refused at %s", async (text, message) => {
    const root = projectFolder({ "cove.yaml": text });
    expect(said(await loadConfig(root), root)).toMatch(new RegExp(`^${message.replace(/[().]/g, "\\$&")}`));
  });
});

test("the line that a mistake is on shows no password, with everything in its column", async () => {
  for (const [line, shown] of [
    ["db: { postgres: { password: hunter2, usr: x } }", "db: { postgres: { password: •••••••, usr: x } }"],
    ['db: { postgres: { "password": "a b", usr: x } }', 'db: { postgres: { "password": •••••, usr: x } }'],
    ["db: { postgres: { password: ${PW}, usr: x } }", "db: { postgres: { password: ${PW}, usr: x } }"],
    ["db: { external: postgres://a:b@h/c, usr: x }", "db: { external: postgres://a:•@h/c, usr: x }"],
    ["db: { postgres: { password: 12345 } }", "db: { postgres: { password: ••••• } }"],
  ] as const) {
    const root = projectFolder({ "cove.yaml": `services:\n  ${line}\n` });
    const told = said(await loadConfig(root), root);
    expect(told).toContain(`  2 |   ${shown}\n`);
    expect(told).not.toMatch(/hunter2|a b|12345|a:b/);
  }
  const filled = projectFolder({ "cove.yaml": "services: { db: { postgres: { password: '${PW:-007}' } } }" });
  expect((await load(filled)).services.find(({ name }) => name === "db")?.options).toEqual({ password: "007" });
});

describe("JSON", () => {
  test("is read strictly, with positions", async () => {
    const root = projectFolder({
      "cove.json": `\uFEFF{\n\t"$schema": "x",\n\t"services": {\n\t\t"a": { "comand": "x" }\n\t}\n}`,
    });
    expect(
      said(await loadConfig(root), root),
    ).toBe(`cove.json:4:10 services.a.comand: unknown key; did you mean "command"?
  4 | \t\t"a": { "comand": "x" }
    | \t\t       ^`);
  });

  test.each([
    ['{\n  "services": {},\n}', "cove.json:3:1 expected double-quoted property name in JSON"],
    ["{ services: {} }", "cove.json:1:3 expected property name or '}' in JSON"],
    ['{ "services": { "a": { "command": "x" }, "a": 1 } }', "cove.json:1:42 this key is there twice"],
    ["// no\n{}", "cove.json"],
  ])("%s is refused at %s", async (text, message) => {
    const root = projectFolder({ "cove.json": text });
    expect(said(await loadConfig(root), root).startsWith(message)).toBe(true);
  });
});
