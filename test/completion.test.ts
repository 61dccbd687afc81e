import { execFile } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "./support/cove.ts";
import { ask } from "./support/door-request.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";
import { emulate } from "./support/terminal.ts";
import { type TwoProjects, twoProjects } from "./support/two-projects.ts";

const BIN = fileURLToPath(new URL("../bin/cove.js", import.meta.url));
const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];
const run = promisify(execFile);

let all: TwoProjects;
let sandbox: Sandbox;
let bin: string;
/** What was run at last, a word a line. */
let ran: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  all = await twoProjects();
  ({ sandbox } = all);
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "cove-completion-")));
  [bin, ran] = [join(folder, "bin"), join(folder, "ran")];
  mkdirSync(bin);
  // Completions are Cove's; what is then run is only written down.
  writeFileSync(
    join(bin, "cove"),
    `#!/bin/sh\n[ "$1" = __complete ] && exec '${process.execPath}' '${BIN}' "$@"\nprintf '%s\\n' "$@" > '${ran}.new'\nmv '${ran}.new' '${ran}'\n`,
  );
  chmodSync(join(bin, "cove"), 0o755);
  env = {
    ...{ ...sandbox.env, TERM: "xterm", LANG: "C.UTF-8", LC_ALL: undefined, HOME: folder, XDG_CONFIG_HOME: folder },
    PATH: `${bin}${delimiter}${process.env.PATH}`,
  };
  for (const shell of SHELLS) {
    const { stdout } = await sandbox.cove(["completion", shell]);
    writeFileSync(join(folder, `cove.${shell}`), stdout);
  }
  await sandbox.cove(["record", "two words", "-d"], { cwd: all.shop });
  mkdirSync(join(all.shop, "public"));
  writeFileSync(join(all.shop, "mess age.har"), "{}");
}, 120_000);
afterAll(async () => {
  await all?.[Symbol.asyncDispose]();
  rmSync(join(bin, ".."), { recursive: true, force: true });
}, 120_000);

/** Types a line into a shell, Tab where `⇥` stands, and gives the words that cove was then run with. */
function typist(shell: Shell, cwd: string) {
  const script = join(bin, "..", `cove.${shell}`);
  const start = {
    bash: ["bash", "--norc", "--noprofile", "-i"],
    zsh: ["zsh", "-f", "-i"],
    fish: ["fish", "--no-config", "-i"],
  }[shell];
  const terminal = emulate(start, { cwd, env });
  const setUp =
    shell === "zsh" ? `PS1='> '; autoload -Uz compinit; compinit -u -D; source '${script}'` : `source '${script}'`;
  terminal.type(`${setUp}\n`);
  return async (line: string) => {
    writeFileSync(ran, "");
    terminal.type(`${line.replaceAll("⇥", "\t")}\n`);
    await expect.poll(() => readFileSync(ran, "utf8"), { timeout: 20_000 }).not.toBe("");
    return readFileSync(ran, "utf8").trimEnd().split("\n");
  };
}

/** Shells differ on whether a folder keeps its slash. */
const withoutSlash = (words: readonly string[]) => words.map((word) => word.replace(/^public\/$/, "public"));

/** What is typed, and the words that come of it. */
const TYPED: readonly (readonly [line: string, words: readonly string[]])[] = [
  ["cove lo⇥", ["logs"]],
  ["cove logs w⇥", ["logs", "web"]],
  ["cove logs web --fol⇥", ["logs", "web", "--follow"]],
  ["cove logs --stack bl⇥ bl⇥", ["logs", "--stack", "blog", "blog"]],
  ["cove logs --stack=bl⇥", ["logs", "--stack=blog"]],
  ["cove restart blog/b⇥", ["restart", "blog/blog"]],
  ["cove shape web:a⇥ slow-3⇥", ["shape", "web:api", "slow-3g"]],
  ["cove shape web:api laten⇥5", ["shape", "web:api", "latency=5"]],
  ["cove watch edge:web:a⇥ is:sl⇥", ["watch", "edge:web:api", "is:slow"]],
  ["cove watch -meth⇥GET", ["watch", "-method:GET"]],
  ["cove record two⇥ --stop", ["record", "two words", "--stop"]],
  ["cove mock --from check⇥ --serv⇥ w⇥", ["mock", "--from", "checkout", "--service", "web"]],
  ["cove har --import mess⇥", ["har", "--import", "mess age.har"]],
  ["cove serve pub⇥ --spa", ["serve", "public", "--spa"]],
  ["cove completion z⇥", ["completion", "zsh"]],
  ["cove audit --fail-on crit⇥", ["audit", "--fail-on", "critical"]],
  ["cove run -- /usr/bin/printe⇥", ["run", "--", "/usr/bin/printenv"]],
];

describe.each(SHELLS)("%s", (shell) => {
  test.skipIf(program(shell) === null || program("python3") === null)(
    "what is typed before a Tab is completed, and run as it was meant",
    { timeout: 90_000 },
    async () => {
      const type = typist(shell, all.shop);
      for (const [line, words] of TYPED) expect([line, withoutSlash(await type(line))]).toEqual([line, [...words]]);
    },
  );
});

/** What `cove __complete` offers, without what is about it. */
async function offered(words: readonly string[], cwd = all.shop): Promise<string[]> {
  const { stdout } = await sandbox.cove(["__complete", "fish", "--", ...words], { cwd });
  return stdout
    .split("\n")
    .slice(1, -1)
    .map((line) => line.split("\t")[0] ?? "");
}

/** A busy machine may answer too late for a shell: then nothing is offered. */
const LATE = { timeout: 20_000 };

describe("what is offered", () => {
  test("exchanges, recordings, aliases, leases and ports, as they are now", { timeout: 60_000 }, async () => {
    await ask(sandbox.port, "web.shop.localhost");
    await expect.poll(() => offered(["show", ""]), LATE).toContain(all.exchange);
    await expect.poll(() => offered(["replay", "--stack", "shop", ""]), LATE).toContain(all.exchange);
    await expect
      .poll(() => offered(["har", "--recording", ""]), LATE)
      .toEqual(expect.arrayContaining(["checkout", "two words"]));
    await expect.poll(() => offered(["alias", "--remove", ""]), LATE).toContain("grafana");
    await expect.poll(() => offered(["lease", "--release", ""]), LATE).toContain("tests");
    await expect.poll(() => offered(["free", ""]), LATE).toContain(all.webPort);
    await expect.poll(() => offered(["down", ""]), LATE).toEqual(expect.arrayContaining(["shop", "blog"]));
  });

  test("services of the folder that -C names; of one that isn't up, those of its config", {
    timeout: 60_000,
  }, async () => {
    await expect.poll(async () => (await offered(["logs", ""], all.blog))[0], LATE).toBe("blog");
    await expect.poll(() => offered(["-C", all.shop, "logs", ""], all.blog), LATE).toEqual(["api", "web", "blog/blog"]);
    await expect.poll(() => offered(["logs", "-C", all.shop, "web", ""], all.blog), LATE).toEqual(["api", "blog/blog"]);
    await expect.poll(() => offered(["up", ""], all.third), LATE).toEqual(["api", "web"]);
    await expect.poll(() => offered(["url", ""], all.empty), LATE).toEqual(["shop/api", "shop/web", "blog/blog"]);
  });

  test("nothing where nothing can be known, and no home is started for it", { timeout: 60_000 }, async () => {
    const home = scratch("no-home");
    for (const words of [
      ["logs", ""],
      ["lease", ""],
      ["nope", ""],
      ["logs", "--nope", ""],
      ["show", "\u001b"],
    ]) {
      const answer = await sandbox.cove(["__complete", "fish", "--", ...words], { env: { COVE_HOME: home } });
      expect([words, answer]).toEqual([words, { code: 0, stdout: "\n", stderr: "" }]);
    }
    expect(existsSync(join(home, "cove.sqlite"))).toBe(false);
  });

  test("a home that hangs holds no shell up", { timeout: 60_000 }, async () => {
    const { pid } = JSON.parse((await sandbox.cove(["--json"])).stdout).home;
    process.kill(pid, "SIGSTOP");
    try {
      const began = performance.now();
      const { stdout } = await run(process.execPath, [BIN, "__complete", "fish", "--", "logs", ""], {
        env,
        cwd: all.shop,
      });
      expect(stdout).toBe("\n");
      expect(performance.now() - began).toBeLessThan(5_000);
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });
});
