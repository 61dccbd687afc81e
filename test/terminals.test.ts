import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { width } from "../src/cli/terminal/table.ts";
import { program } from "./support/programs.ts";
import { emulate } from "./support/terminal.ts";
import { commandNames, type TwoProjects, twoProjects } from "./support/two-projects.ts";

const BIN = fileURLToPath(new URL("../bin/cove.js", import.meta.url));

let all: TwoProjects;
beforeAll(async () => {
  all = await twoProjects();
}, 120_000);
afterAll(async () => {
  await all?.[Symbol.asyncDispose]();
}, 120_000);

/** Each command of `cove --help`, as a line that ends by itself. A new one fails the test until it stands here. */
const LINES: Readonly<Record<string, string>> = {
  status: "status",
  up: "up nope",
  run: "run --name once -- node -e console.log(1)",
  attach: "attach nope",
  down: "down nope",
  logs: "logs",
  restart: "restart nope",
  open: "open web --print",
  url: "url web",
  claim: "claim",
  serve: "serve nowhere",
  mock: "mock --from nothing",
  postgres: "postgres --port 0",
  alias: "alias",
  lease: "lease",
  explain: "explain",
  ports: "ports",
  free: "free WEBPORT --yes",
  shape: "shape --profiles",
  watch: "watch --no-follow",
  show: "show EXCHANGE",
  why: "why EXCHANGE",
  replay: "replay EXCHANGE",
  curl: "curl EXCHANGE",
  har: "har",
  record: "record",
  toxiproxy: "toxiproxy --host 0.0.0.0",
  trust: "trust --path",
  untrust: "untrust --nope",
  audit: "audit --fail-on never",
  doctor: "doctor",
  env: "env",
  init: "init --print",
  stop: "stop --nope",
  completion: "completion bash",
  help: "help down",
};

const wordsOf = (line: string) => line.replace("EXCHANGE", all.exchange).replace("WEBPORT", all.webPort).split(" ");

/** Runs a command of shop's behind a shell's redirections. */
function redirected(words: readonly string[], redirection: string) {
  const script = `set -o pipefail; '${process.execPath}' '${BIN}' "$@" ${redirection}`;
  const child = spawn("bash", ["-c", script, "bash", ...words], {
    ...{ cwd: all.shop, env: all.sandbox.env, stdio: ["ignore", "pipe", "pipe"], timeout: 30_000 },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout?.on("data", (data) => {
    stdout += data;
  });
  child.stderr?.on("data", (data) => {
    stderr += data;
  });
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** What a command shows in a terminal of this size. */
async function shown(words: readonly string[], columns: number, env: NodeJS.ProcessEnv) {
  const size = `stty cols ${columns} rows 24; exec "$@"`;
  const terminal = emulate(["sh", "-c", size, "sh", process.execPath, BIN, ...words], {
    ...{ cwd: all.shop, env: { ...all.sandbox.env, NO_COLOR: undefined, CI: undefined, TERM: "xterm", ...env } },
  });
  await terminal.ended;
  return terminal.screen().replaceAll("\r\n", "\n");
}

const STACK_TRACE = /\n\s+at /;
const CURSOR = /\x1b\[[\d;?]*[A-HJKSTfhlsu]/;
const COLOUR = /\x1b\[[\d;]*m/;

test("every command is here", async () => {
  expect(Object.keys(LINES).sort()).toEqual((await commandNames(all.sandbox)).sort());
});

describe.each(Object.entries(LINES))("cove %s", (_, line) => {
  test("output that can't be written is told in one line, and a reader that has gone isn't", {
    timeout: 60_000,
  }, async () => {
    const words = wordsOf(line);
    const usual = await redirected(words, "");
    const full = await redirected(words, "> /dev/full");
    expect([full.code, full.stderr]).not.toEqual([0, expect.anything()]);
    expect(full.stderr).not.toMatch(STACK_TRACE);
    expect(full.stderr.match(/^OUTPUT_LOST {2}.*ENOSPC.*$/gm)?.length ?? 0).toBe(usual.stdout === "" ? 0 : 1);
    for (const redirection of ["| head -n 1", ">&- 2>&-", "2> /dev/full"]) {
      const { code, stderr } = await redirected(words, redirection);
      expect([redirection, stderr]).toEqual([redirection, expect.not.stringMatching(STACK_TRACE)]);
      expect([redirection, code]).toEqual([redirection, code === 0 ? 0 : usual.code]);
    }
  });

  test.skipIf(program("python3") === null)("a terminal gets what it can show", { timeout: 60_000 }, async () => {
    const words = wordsOf(line);
    const [dumb, ci, narrow] = await Promise.all([
      shown(words, 40, { TERM: "dumb", LANG: "C", LC_ALL: undefined }),
      shown(words, 300, { CI: "true", LANG: "C.UTF-8" }),
      shown(words, 20, { NO_COLOR: "1", LANG: "C.UTF-8" }),
    ]);
    expect(dumb).not.toContain("\x1b");
    // These hand on what was said, to be copied as it is.
    if (!/^(har|curl|show|replay)/.test(line)) expect(dumb).toMatch(/^[\x00-\x7f]*$/);
    expect(ci).not.toMatch(CURSOR);
    expect(narrow).not.toMatch(COLOUR);
    const usual = await shown(words, 80, { NO_COLOR: "1", LANG: "C.UTF-8" });
    // Texts that are handed on stay as they are; elsewhere only what has no blanks may be too long.
    const tooLong = usual.split("\n").filter((text) => width(text) > 80 && /\S +\S/.test(text.trim()));
    if (!/^(har|curl|show|replay|completion)/.test(line)) expect(tooLong).toEqual([]);
    // What is to be copied stays whole, however narrow it is.
    const copied = (text: string) => [...text.matchAll(/https?:\/\/[\w.-]+:\d+/g)].map(([url]) => url).sort();
    if (!/^(explain|help|har|watch|audit|doctor)/.test(line)) expect(copied(narrow)).toEqual(copied(ci));
  });
});

test("help is output, too", async () => {
  for (const words of [["--help"], ["down", "--help"], ["--version"]]) {
    const { code, stderr } = await redirected(words, "> /dev/full");
    expect([words, code, stderr]).toEqual([words, 1, expect.stringMatching(/^OUTPUT_LOST .*\n$/)]);
  }
});

describe("colours", () => {
  const cases: readonly (readonly [string, NodeJS.ProcessEnv, readonly string[], boolean])[] = [
    ["in a terminal", {}, [], true],
    ["NO_COLOR of any value", { NO_COLOR: "0" }, [], false],
    ["an empty NO_COLOR says nothing", { NO_COLOR: "" }, [], true],
    ["CLICOLOR=0", { CLICOLOR: "0" }, [], false],
    ["FORCE_COLOR=0", { FORCE_COLOR: "0" }, [], false],
    ["--no-color", {}, ["--no-color"], false],
    ["--color beats NO_COLOR", { NO_COLOR: "1" }, ["--color"], true],
    ["the last of two options counts", {}, ["--color", "--no-color"], false],
    ["a dumb terminal", { TERM: "dumb" }, [], false],
  ];
  test.skipIf(program("python3") === null).each(cases)("%s", async (_, env, words, coloured) => {
    expect(COLOUR.test(await shown(["status", ...words], 80, env))).toBe(coloured);
  });

  test.each([
    ["in a pipe", {}, [], false],
    ["FORCE_COLOR", { FORCE_COLOR: "1" }, [], true],
    ["CLICOLOR_FORCE", { CLICOLOR_FORCE: "1" }, [], true],
    ["--color", {}, ["--color"], true],
  ] as const)("%s", async (_, env, words, coloured) => {
    const { stdout } = await all.sandbox.cove(["status", ...words], { env: { NO_COLOR: undefined, ...env } });
    expect(COLOUR.test(stdout)).toBe(coloured);
  });
});
