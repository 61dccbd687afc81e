import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";
import { emulate } from "./support/terminal.ts";

const BIN = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
const ERASED = "\r\x1b[K";

/** A stack whose services are ready once these files are there. */
function slowStack(): string {
  const folder = scratch("progress");
  const serves = "require('http').createServer((q, s) => s.end()).listen(process.env.PORT, process.env.HOST)";
  const after = (file: string) =>
    `const look = () => require('fs').existsSync('${file}') ? ${serves} : setTimeout(look, 20); look()`;
  const services = {
    first: { command: ["node", "-e", after("go-first")] },
    second: { command: ["node", "-e", after("go-second")], needs: ["first"] },
  };
  writeFileSync(join(folder, "cove.json"), JSON.stringify({ name: "slow", services }));
  return folder;
}

test.skipIf(program("python3") === null)(
  "cove up -d says in a terminal what it waits for, and for how long",
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = slowStack();
    const env = { ...sandbox.env, CI: undefined, TERM: "xterm", LANG: "C.UTF-8" };
    const terminal = emulate([process.execPath, BIN, "up", "-d"], { cwd, env });
    await terminal.waitFor(/\r\x1b\[K\S starting first: 0 of 2 ready … \d+\.\d s/);
    writeFileSync(join(cwd, "go-first"), "");
    await terminal.waitFor(/starting second: 1 of 2 ready … \d+\.\d s/);
    writeFileSync(join(cwd, "go-second"), "");
    expect(await terminal.ended).toBe(0);
    // The last that was drawn is erased before the table stands there.
    const screen = terminal.screen();
    const table = screen.slice(screen.lastIndexOf(ERASED) + ERASED.length);
    expect(table).toMatch(/^ {2}first +node .*ready/);
    expect(table).not.toContain("starting");
  },
);

test.skipIf(program("python3") === null)("what answers within half a second shows no progress", async () => {
  await using sandbox = await coveSandbox();
  const env = { ...sandbox.env, CI: undefined, TERM: "xterm" };
  // Usage errors are told before anything is loaded.
  const terminal = emulate([process.execPath, BIN, "up", "--nope"], { cwd: sandbox.home, env });
  expect(await terminal.ended).toBe(2);
  expect(terminal.screen()).not.toContain(ERASED);
});

test("nothing of it is in a pipe, in a build server's log or in JSON", async () => {
  await using sandbox = await coveSandbox();
  const cwd = slowStack();
  const up = sandbox.cove(["up", "-d"], { cwd });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  for (const file of ["go-first", "go-second"]) writeFileSync(join(cwd, file), "");
  const { code, stdout, stderr } = await up;
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).not.toContain("\r");
  if (program("python3") === null) return;
  for (const [words, more] of [
    [["down"], { CI: "true", TERM: "xterm" }],
    [["status", "--json"], { CI: undefined, TERM: "xterm" }],
  ] as const) {
    const terminal = emulate([process.execPath, BIN, ...words], { cwd, env: { ...sandbox.env, ...more } });
    await terminal.ended;
    expect(terminal.screen()).not.toContain(ERASED);
  }
});
