// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { EVERY_KEY } from "../src/stack/config/schema.fixture.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MODELINE = "# yaml-language-server: $schema=./node_modules/cove/dist/schema.json\n";

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Diagnostic {
  readonly message: string;
  readonly range: { readonly start: Position };
}

/** The language server that VS Code, Neovim, Helix, Zed and JetBrains' LSP plugins start for YAML, as they start it. */
let server: ChildProcess;
let editor: MessageConnection;
const told = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
const folder = realpathSync(mkdtempSync(join(tmpdir(), "cove-editor-")));
let documents = 0;

beforeAll(async () => {
  mkdirSync(join(folder, "node_modules/cove/dist"), { recursive: true });
  symlinkSync(join(ROOT, "dist/schema.json"), join(folder, "node_modules/cove/dist/schema.json"));
  const program = join(ROOT, "node_modules/yaml-language-server/bin/yaml-language-server");
  server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"], cwd: folder });
  if (server.stdout === null || server.stdin === null) throw new Error("no streams");
  editor = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  editor.onNotification("textDocument/publishDiagnostics", (params: { uri: string; diagnostics: Diagnostic[] }) => {
    told.get(params.uri)?.(params.diagnostics);
  });
  const settings = { validate: true, hover: true, completion: true, schemaStore: { enable: false } };
  editor.onRequest("workspace/configuration", ({ items }: { items: { section: string }[] }) =>
    items.map(({ section }) => (section === "yaml" ? settings : null)),
  );
  editor.onRequest("client/registerCapability", () => null);
  editor.listen();
  const uri = pathToFileURL(folder).href;
  await editor.sendRequest("initialize", {
    ...{ processId: process.pid, rootUri: uri, workspaceFolders: [{ uri, name: "shop" }] },
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: {
        hover: { contentFormat: ["plaintext"] },
        completion: { completionItem: { documentationFormat: ["plaintext"] } },
      },
    },
  });
  await editor.sendNotification("initialized", {});
  await editor.sendNotification("workspace/didChangeConfiguration", { settings: { yaml: settings } });
});

afterAll(() => {
  editor.dispose();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Opens a text as the project's config; gives its URI and what the server finds wrong with it. */
async function open(text: string): Promise<{ uri: string; problems: readonly Diagnostic[] }> {
  const file = join(folder, `cove-${documents++}.yaml`);
  writeFileSync(file, text);
  const uri = pathToFileURL(file).href;
  const problems = new Promise<readonly Diagnostic[]>((resolve) => told.set(uri, resolve));
  await editor.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "yaml", version: 1, text },
  });
  return { uri, problems: await problems };
}

/** What is offered where `|` stands. */
async function offered(text: string): Promise<string[]> {
  const at = text.indexOf("|");
  const before = (MODELINE + text.slice(0, at)).split("\n");
  const { uri } = await open(MODELINE + text.slice(0, at) + text.slice(at + 1));
  const position = { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
  const { items } = await editor.sendRequest<{ items: { label: string }[] }>("textDocument/completion", {
    textDocument: { uri },
    position,
  });
  return items.map(({ label }) => label);
}

/** Every key of a text, with its place. */
function keysOf(text: string): { path: string; position: Position }[] {
  const lines = new LineCounter();
  const keys: { path: string; position: Position }[] = [];
  const walk = (node: unknown, path: string): void => {
    if (isSeq(node)) for (const item of node.items) walk(item, path);
    if (!isMap(node)) return;
    for (const { key, value } of node.items) {
      if (!isScalar(key) || key.range == null) continue;
      const { line, col } = lines.linePos(key.range[0]);
      keys.push({ path: `${path}.${key.value}`, position: { line: line - 1, character: col } });
      walk(value, `${path}.${key.value}`);
    }
  };
  walk(parseDocument(text, { lineCounter: lines }).contents, "");
  return keys;
}

describe("the YAML language server, with the line that the docs name at the config's head", { timeout: 60_000 }, () => {
  test("finds nothing wrong with a config of every key, and explains each", async () => {
    const text = MODELINE + EVERY_KEY;
    const { uri, problems } = await open(text);
    expect(problems).toEqual([]);
    const silent: string[] = [];
    for (const { path, position } of keysOf(text)) {
      const hover = await editor.sendRequest<{ contents: { value: string } } | null>("textDocument/hover", {
        textDocument: { uri },
        position,
      });
      // Keys that people choose are explained by what they stand in.
      const isChosen = /^\.(services|conditions|profiles|scenarios)\.[^.]+$|\.(env|settings)\.[^.]+$/.test(path);
      if (!isChosen && (hover?.contents.value.trim().length ?? 0) < 12) silent.push(path);
    }
    expect(silent).toEqual([]);
  });

  test.each<[string, string, readonly string[]]>([
    ["the stack", "|\n", ["name", "services", "guard", "capture", "envFile", "conditions", "profiles", "scenarios"]],
    [
      "a service",
      "services:\n  api:\n    |\n",
      ["command", "postgres", "files", "mock", "external", "kind", "needs", "ready", "env", "envFile", "port"],
    ],
    [
      "a command",
      "services:\n  api:\n    command: x\n    |\n",
      ["protocol", "stopSignal", "needs", "restart", "readyTimeout", "stopTimeout", "names", "cwd"],
    ],
    [
      "a database",
      "services:\n  db:\n    postgres:\n      |\n",
      ["init", "database", "user", "engine", "extensions", "settings"],
    ],
    [
      "a probe",
      "services:\n  api:\n    command: x\n    ready:\n      |\n",
      ["http", "status", "log", "command", "tcp"],
    ],
    ["a restart", "services:\n  api:\n    command: x\n    restart:\n      |\n", ["when", "max"]],
    ["a guard", "guard:\n  |\n", ["bind", "origins", "users", "programs"]],
    ["a capture", "capture:\n  |\n", ["bodies", "skip", "redact", "slow"]],
    ["an env file", "envFile:\n  - |\n", ["path", "required"]],
    [
      "a part of a scenario",
      "scenarios:\n  bad:\n    parts:\n      - |\n",
      ["for", "conditions", "from", "to", "repeat", "parts", "faults"],
    ],
    [
      "a condition",
      "conditions:\n  web:\n    - kind: latency\n      |\n",
      ["ms", "jitter", "distribution", "direction", "probability"],
    ],
  ])("completes the keys of %s", async (_, text, expected) => {
    expect(await offered(text)).toEqual(expect.arrayContaining([...expected]));
  });

  test.each<[string, string, readonly string[]]>([
    ["a policy", "guard:\n  bind: |\n", ["warn", "fix", "box"]],
    ["a restart", "services:\n  api:\n    command: x\n    restart: |\n", ["always", "on-failure", "never"]],
    ["a probe", "services:\n  api:\n    command: x\n    ready: |\n", ["tcp", "http", "exit", "none"]],
    ["a profile", "conditions:\n  web: |\n", ["slow-3g", "offline", "flaky-wifi"]],
    [
      "a variable",
      "services:\n  api:\n    command: x\n    env:\n      AT: |\n",
      ["${db.host}", "${db.url}", "${db.jdbc}", "${api.door}"],
    ],
    ["an engine", "services:\n  db:\n    postgres:\n      engine: |\n", ["embedded", "system"]],
  ])("completes the values of %s", async (_, text, expected) => {
    expect(await offered(text)).toEqual(expect.arrayContaining([...expected]));
  });

  test.each<[string, string, number]>([
    ["a misspelt key", "services:\n  api:\n    command: x\n    prot: 3000\n", 4],
    ["a key of another kind", "services:\n  api:\n    command: x\n    spa: true\n", 4],
    ["a wrong value", "services:\n  api:\n    command: x\n    port: many\n", 4],
    ["a wrong choice", "guard:\n  bind: open\nservices:\n  api:\n    command: x\n", 2],
    ["a part of a scenario", "services: { a: { command: x } }\nscenarios:\n  bad:\n    parts:\n      - fro: 3\n", 5],
    ["no services", "name: x\n", 1],
  ])("finds %s", async (_, text, line) => {
    const { problems } = await open(MODELINE + text);
    expect(problems.map(({ range }) => range.start.line)).toContain(line);
  });
});
