import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { program } from "./support/programs.ts";
import { type Emulator, emulate } from "./support/terminal.ts";

const BIN = join(dirname(dirname(fileURLToPath(import.meta.url))), "bin/cove.js");
const python = program("python3");
const bash = program("bash");

function inTerminal(sandbox: Sandbox, command: readonly string[]): Emulator {
  return emulate([process.execPath, BIN, "run", "--name", "here", "--", ...command], terminalOf(sandbox));
}

/** A terminal with colours. */
function terminalOf({ home, env }: Sandbox) {
  return { cwd: home, env: { ...env, NO_COLOR: undefined, CI: undefined, TERM: "xterm-256color" } };
}

const node = (code: string): string[] => [process.execPath, "-e", code];

/** A dev server that has said all, says nothing more, and answers. */
const SERVER = `require("node:http").createServer((_, response) => response.end()).listen(process.env.PORT, "127.0.0.1");`;

describe.skipIf(python === null || process.platform === "win32")("cove run in a terminal", () => {
  test("a prompt shows at once, the answer arrives, and the exit code is the program's", async () => {
    await using sandbox = await coveSandbox();
    const run = inTerminal(sandbox, ["sh", "-c", 'printf "name? "; read name; echo "hi $name"; tty; exit 5']);
    await run.waitFor(/name\? $/);
    run.type("ann\r");
    await run.waitFor(/hi ann\r\n\/dev\//);
    expect(await run.ended).toBe(5);
  });

  test("it is a terminal: size, its changes, colours, single keys; also on standard error", async () => {
    await using sandbox = await coveSandbox();
    const run = inTerminal(
      sandbox,
      node(`const { stdin, stdout, stderr } = process;
        console.log("is", String([stdin.isTTY, stdout.isTTY, stderr.isTTY]), String([stdout.columns, stdout.rows]));
        console.log("colours", String(stdout.getColorDepth()), String(process.env.FORCE_COLOR));
        stdout.on("resize", () => console.log("now", String([stdout.columns, stdout.rows])));
        stdin.setRawMode(true);
        stdin.on("data", (keys) => { console.log("key", keys.toString("hex")); if (String(keys) === "q") process.exit(); });`),
    );
    await run.waitFor(/is true,true,true 80,24\r\ncolours 8 undefined/);
    run.resize(101, 33);
    await run.waitFor(/now 101,33/);
    for (const [key, hex] of [
      ["r", "72"],
      ["\x1b[A", "1b5b41"],
      ["\x03", "03"],
      ["\x1a", "1a"],
      ["\x04", "04"],
    ] as const) {
      const before = run.screen().length;
      run.type(key);
      await run.waitFor(new RegExp(`key ${hex}`), before);
    }
    run.type("q");
    expect(await run.ended).toBe(0);
  });

  test("Ctrl-C is the program's, Ctrl-D ends its input", async () => {
    await using sandbox = await coveSandbox();
    const sleeping = inTerminal(sandbox, ["sh", "-c", "echo go; sleep 60"]);
    await sleeping.waitFor(/go/);
    sleeping.type("\x03");
    expect(await sleeping.ended).toBe(130);
    const reading = inTerminal(sandbox, ["sh", "-c", "echo go; cat; echo all read"]);
    await reading.waitFor(/go/);
    reading.type("line\r\x04");
    await reading.waitFor(/line\r\nline\r\nall read/);
    expect(await reading.ended).toBe(0);
  });

  test("a second Ctrl-C means Cove, a third doesn't wait", async () => {
    await using sandbox = await coveSandbox();
    const stubborn = inTerminal(
      sandbox,
      node(`process.on("SIGINT", () => console.log("not I"));
        process.on("SIGTERM", () => console.log("never"));
        setInterval(() => {}, 1000);
        console.log("go");`),
    );
    await stubborn.waitFor(/go/);
    stubborn.type("\x03");
    const at = await stubborn.waitFor(/not I/);
    stubborn.type("\x03");
    await stubborn.waitFor(/stopping[\s\S]*never/, at);
    stubborn.type("\x03");
    expect(await stubborn.ended).toBe(130);
    expect(stubborn.screen()).not.toContain("ready");
  });

  test("the address is said between lines, and never on a screen that the program draws; its end tidies up", async () => {
    await using sandbox = await coveSandbox();
    const asking = inTerminal(sandbox, node(`${SERVER} process.stdout.write("go\\n"); process.stdin.resume();`));
    await asking.waitFor(/go\r\n[\s\S]*ready[^\n]*here\.localhost/);
    asking.type("\x03");
    await asking.ended;
    const drawing = inTerminal(
      sandbox,
      node(`process.stdin.setRawMode(true);
        process.stdout.write("\\x1b[?1049h\\x1b[?25lDRAWN");
        ${SERVER}
        process.stdin.on("data", () => process.kill(process.pid, "SIGKILL"));`),
    );
    await drawing.waitFor(/DRAWN/);
    await expect.poll(async () => (await sandbox.cove(["status"])).stdout, { timeout: 30_000 }).toMatch(/here .*ready/);
    drawing.type("x");
    expect(await drawing.ended).toBe(137);
    expect(drawing.screen()).not.toContain("here.localhost");
    expect(drawing.screen()).toContain("\x1b[?1049l\x1b[?25h");
  });

  test("ended by SIGTERM, it gives the terminal back", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const shell = emulate(["sh"], terminalOf(sandbox));
    shell.type(
      `stty -a > before; ${process.execPath} ${BIN} run --name here -- sh -c 'printf "\\033[?25lon" ; kill -TERM $PPID; sleep 60'; echo co""de $?; stty -a > after; cmp before after && echo sa""me\n`,
    );
    await shell.waitFor(/code 143/);
    await shell.waitFor(/\[\?25h/);
    await shell.waitFor(/same/);
  });

  test.skipIf(bash === null)(
    "Ctrl-Z stops it, fg goes on; with & it runs, and takes keys once in front",
    { timeout: 60_000 },
    async () => {
      await using sandbox = await coveSandbox();
      const shell = emulate(["bash", "--norc", "-i"], terminalOf(sandbox));
      const loop = `'echo go$((1+1)); while read line${sandbox.port}; do echo got $line${sandbox.port}; done'`;
      const cove = `${process.execPath} ${BIN} run --name here -- sh -c ${loop}`;
      shell.type(`PS1='> '; stty -a > before; ${cove}\n`);
      let at = await shell.waitFor(/go2/);
      shell.type("\x1a");
      at = await shell.waitFor(/Stopped/, at);
      shell.type(
        `ps -eo stat=,args= | grep 'read [l]ine${sandbox.port}' | cut -c1 | sort -u | tr -d '\\n'; stty -a > mid; cmp before mid && echo sa""me\n`,
      );
      at = await shell.waitFor(/Tsame/, at);
      shell.type("fg\n");
      at = await shell.waitFor(/cove\.js run/, at);
      shell.type("one\r");
      at = await shell.waitFor(/got one/, at);
      shell.type("\x04");
      at = await shell.waitFor(/> /, at);
      shell.type(`${cove} &\n`);
      at = await shell.waitFor(/go2/, at);
      shell.type("jobs\n");
      at = await shell.waitFor(/Running/, at);
      shell.type("fg\n");
      at = await shell.waitFor(/cove\.js run/, at);
      shell.type("two\r");
      at = await shell.waitFor(/got two/, at);
      shell.type("\x04");
      await shell.waitFor(/> $/, at);
      shell.type("exit\r");
      expect(await shell.ended).toBe(0);
    },
  );

  test("with the output in a pipe lines go in, and Ctrl-D ends them", async () => {
    await using sandbox = await coveSandbox();
    const shell = emulate(["sh"], terminalOf(sandbox));
    const code = `console.log(process.stdin.isTTY, process.stdout.isTTY); process.stdin.on("data", (data) => console.log("in", data.length)).on("end", () => console.log("end"));`;
    shell.type(`${process.execPath} ${BIN} run --name here -- ${process.execPath} -e '${code}' | cat\n`);
    await shell.waitFor(/undefined undefined/);
    shell.type("abc\n");
    await shell.waitFor(/in 4/);
    shell.type("\x04");
    await shell.waitFor(/end/);
  });
});

describe("cove run in a pipe", () => {
  interface Piped {
    code: number | null;
    stdout: Buffer;
    stderr: Buffer;
  }

  function piped({ home, env }: Sandbox, command: readonly string[], input: Buffer | null): Promise<Piped> {
    const child = spawn(process.execPath, [BIN, "run", "--name", "here", "--", ...command], {
      ...{ cwd: home, env },
      stdio: [input === null ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
    return new Promise((resolve) => {
      child.on("close", (code) => resolve({ code, stdout: Buffer.concat(out), stderr: Buffer.concat(err) }));
    });
  }

  test("bytes pass both ways as they are, however many, and the input's end arrives", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const bytes = randomBytes(8 << 20);
    const { code, stdout } = await piped(sandbox, ["cat"], bytes);
    expect(code).toBe(0);
    expect(createHash("sha256").update(stdout).digest("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
    const lines = Buffer.from("a\r\nb\rc\n\0\xff no newline", "latin1");
    expect((await piped(sandbox, ["cat"], lines)).stdout).toEqual(lines);
  });

  test("all output arrives at a slow reader, also what was written last", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const child = spawn(
      process.execPath,
      [BIN, "run", "--name", "here", "--", ...node(`process.stdout.write("x".repeat(4 << 20))`)],
      {
        ...{ cwd: sandbox.home, env: sandbox.env, stdio: ["ignore", "pipe", "ignore"] },
      },
    );
    let size = 0;
    for await (const chunk of child.stdout) {
      size += (chunk as Buffer).length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(size).toBe(4 << 20);
  });

  test("standard error stays apart, and exit codes are the program's", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const { code, stdout, stderr } = await piped(sandbox, ["sh", "-c", "echo out; echo err >&2; exit 7"], null);
    expect([code, String(stdout)]).toEqual([7, "out\n"]);
    expect(String(stderr)).toContain("err\n");
    expect((await piped(sandbox, ["sh", "-c", "kill -9 $$"], null)).code).toBe(137);
    expect((await piped(sandbox, ["true"], null)).code).toBe(0);
    expect((await piped(sandbox, ["sh", "-c", "printf prompt; cat"], Buffer.from(" answer"))).stdout.toString()).toBe(
      "prompt answer",
    );
  });

  test("without any standard input it works as well", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const line = `"${process.execPath}" "${BIN}" run --name here -- sh -c 'cat; echo done' <&-`;
    const child = spawn("/bin/sh", ["-c", line], {
      cwd: sandbox.home,
      env: sandbox.env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    for await (const chunk of child.stdout) said += chunk;
    expect(said).toBe("done\n");
  });
});
