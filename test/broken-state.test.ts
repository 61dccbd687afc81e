import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { orThrow } from "../src/fault/fault.ts";
import { openLeases } from "../src/lease/leases.ts";
import { looksDamaged } from "../src/state/quick-look.ts";
import { openState } from "../src/state/state.ts";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { program } from "./support/programs.ts";
import { scratch } from "./support/scratch.ts";

/** The cause is to be said within this time, ms; a busy machine takes longer to start a Node. */
const LIMIT = 8_000;
/** Commands that need the state, or that would say that nothing runs. */
const COMMANDS = [
  ["up", "-d"],
  ["run", "--", "true"],
  ["down"],
  ["restart"],
  ["stop", "--yes"],
  ["status"],
  ["logs"],
  ["watch"],
  ["url", "web"],
  ["lease", "web"],
  ["alias", "x", "3000"],
  ["audit"],
  ["record", "list"],
  ["doctor"],
];

function project(): string {
  const folder = scratch("broken");
  writeFileSync(
    join(folder, "cove.json"),
    JSON.stringify({ name: "broken", services: { web: { command: "sleep 60" } } }),
  );
  return folder;
}

/** A state with thirty leases, closed. */
function filled(sandbox: Sandbox, root: string): { file: string; ports: number[] } {
  const state = orThrow(openState({ folder: sandbox.home }));
  const leases = openLeases(state);
  const project = { root, branch: null, key: "0123456789abcdef", name: "broken" };
  const names = Array.from({ length: 30 }, (_, n) => `service:${n}`);
  const ports = names.map((holder) => orThrow(leases.take({ project, holder })).port);
  state.close();
  return { file: join(sandbox.home, "cove.sqlite"), ports };
}

function overwrite(file: string, from: number, length: number): void {
  const fd = openSync(file, "r+");
  writeSync(fd, Buffer.alloc(length, 0x5a), 0, length, from);
  closeSync(fd);
}

describe("a damaged state", () => {
  test("is named by every command with the way to mend it", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const folder = project();
    writeFileSync(join(sandbox.home, "cove.sqlite"), Buffer.alloc(20_000, 0x5a));
    const answers = await Promise.all(COMMANDS.map((args) => sandbox.cove(args, { cwd: folder })));
    for (const [n, { code, stdout, stderr }] of answers.entries()) {
      const text = stdout + stderr;
      expect([COMMANDS[n], code]).not.toEqual([COMMANDS[n], 0]);
      expect(text, COMMANDS[n]?.join(" ")).toMatch(/cove\.sqlite is damaged.*[\s\S]*cove doctor --repair/);
      expect(text).not.toMatch(/^\s+at /m);
    }
    for (const args of [["ports"], ["explain", "3000"]]) {
      const { stdout, stderr } = await sandbox.cove(args, { cwd: folder });
      expect(stdout + stderr).toContain("cove doctor --repair");
    }
  });

  test.each([
    ["its first bytes are overwritten", (file: string) => overwrite(file, 0, 100), 30],
    [
      "a page in its middle is overwritten",
      (file: string) => overwrite(file, Math.floor(statSync(file).size / 4096 / 2) * 4096, 4096),
      0,
    ],
    ["its end is cut off", (file: string) => truncateSync(file, statSync(file).size - 4096), 0],
    ["all of it is garbage", (file: string) => writeFileSync(file, Buffer.alloc(20_000, 0x5a)), 0],
  ])(
    "where %s, --repair makes a new one and keeps what can be read",
    { timeout: 60_000 },
    async (_, damage, atLeast) => {
      await using sandbox = await coveSandbox();
      const folder = project();
      const { file, ports } = filled(sandbox, folder);
      damage(file);
      const { code, stdout } = await sandbox.cove(["doctor", "--repair"], { cwd: folder });
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/cove\.sqlite is made anew, .*cove\.sqlite\.broken beside it/),
      ]);
      expect(existsSync(`${file}.broken`)).toBe(true);
      expect(Number(/kept: (\d+) leases/.exec(stdout)?.[1] ?? 0)).toBeGreaterThanOrEqual(atLeast);
      // Leases that were kept are the same ports; all can be taken.
      const again = filled(sandbox, folder);
      if (atLeast === 30) expect(again.ports).toEqual(ports);
      expect(await sandbox.cove(["doctor", "--repair"])).toMatchObject({ code: 0, stdout: "Nothing is damaged\n" });
      expect(readdirSync(sandbox.home).filter((name) => name.includes("reading"))).toEqual([]);
    },
  );

  test("isn't touched while home has it open", async () => {
    await using sandbox = await coveSandbox();
    expect((await sandbox.cove(["alias", "x", "3000"])).code).toBe(0);
    const file = join(sandbox.home, "recordings.sqlite");
    writeFileSync(file, Buffer.alloc(20_000, 0x5a));
    const { code, stderr } = await sandbox.cove(["doctor", "--repair"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/home runs.*[\s\S]*cove stop/)]);
    expect(existsSync(`${file}.broken`)).toBe(false);
  });
});

test("doctor tells another state folder's home at the door from its own", { timeout: 30_000 }, async () => {
  await using sandbox = await coveSandbox();
  expect((await sandbox.cove(["alias", "x", "3000"])).code).toBe(0);
  expect((await sandbox.cove(["doctor"])).stdout).toContain(`port ${sandbox.port} is Cove's`);
  const other = await sandbox.cove(["doctor"], { env: { COVE_HOME: scratch("other-home") } });
  expect([other.code, other.stdout]).toEqual([1, expect.stringContaining("the home of another state folder (pid ")]);
});

describe("a state that can't be kept", () => {
  const root = process.getuid?.() === 0;
  const cases: readonly (readonly [string, NodeJS.ProcessEnv, RegExp])[] = [
    ["HOME is in /proc", { HOME: "/proc" }, /in \/proc, where nothing can be kept/],
    ["HOME is a file", { HOME: "/dev/null" }, /state folder|nothing can be kept/],
    ["HOME is relative", { HOME: "here" }, /HOME is here/],
    ["COVE_HOME is relative", { COVE_HOME: "here" }, /COVE_HOME is here/],
  ];
  test.skipIf(process.platform !== "linux").each(cases)(
    "where %s the cause is said at once, by doctor too",
    async (_, env, cause) => {
      await using sandbox = await coveSandbox();
      const folder = project();
      const clean = { COVE_HOME: undefined, XDG_STATE_HOME: undefined, ...env };
      for (const args of [["lease", "web"], ["up", "-d"], ["doctor"]]) {
        const began = performance.now();
        const { code, stdout, stderr } = await sandbox.cove(args, { cwd: folder, env: clean });
        expect(performance.now() - began).toBeLessThan(LIMIT);
        expect([code, stdout + stderr]).toEqual([1, expect.stringMatching(cause)]);
      }
      expect(readdirSync(folder)).toEqual(["cove.json"]);
    },
  );

  test("a relative XDG_STATE_HOME is ignored, as its specification has it", async () => {
    await using sandbox = await coveSandbox();
    const folder = project();
    const home = scratch("xdg-home");
    const env = { COVE_HOME: undefined, XDG_STATE_HOME: "here", HOME: home };
    expect((await sandbox.cove(["lease", "web"], { cwd: folder, env })).code).toBe(0);
    expect(existsSync(join(home, ".local", "state", "cove", "cove.sqlite"))).toBe(true);
    expect(readdirSync(folder)).toEqual(["cove.json"]);
  });

  test.skipIf(!root)("root leaves nothing in another user's home", async () => {
    await using sandbox = await coveSandbox();
    const home = scratch("ann");
    execFileSync("chown", ["65534", home]);
    const env = { COVE_HOME: undefined, XDG_STATE_HOME: undefined, HOME: home };
    const { code, stderr } = await sandbox.cove(["lease", "web"], { env });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/another user's \(uid 65534\).*[\s\S]*sudo -H/)]);
    expect(readdirSync(home)).toEqual([]);
  });

  test.skipIf(!root || program("mount") === null)("a full disk is named", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const folder = project();
    const disk = scratch("disk");
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk]);
    onTestFinished(() => void execFileSync("umount", ["-l", disk]));
    const env = { COVE_HOME: join(disk, "cove") };
    const fill = () => {
      try {
        writeFileSync(join(disk, "filling"), Buffer.alloc(1 << 20));
      } catch {
        // Full, as it is meant to be.
      }
    };
    const all = async () => {
      for (const args of [["lease", "other"], ["up", "-d"], ["doctor"]]) {
        const began = performance.now();
        const { code, stdout, stderr } = await sandbox.cove(args, { cwd: folder, env });
        expect(performance.now() - began).toBeLessThan(LIMIT);
        expect([args, code, stdout + stderr]).toEqual([
          args,
          1,
          expect.stringMatching(/the disk that .* is on is full/),
        ]);
      }
    };
    fill();
    await all();
    rmSync(join(disk, "filling"));
    mkdirSync(join(disk, "cove"), { recursive: true });
    expect((await sandbox.cove(["lease", "web"], { cwd: folder, env })).code).toBe(0);
    fill();
    await all();
  });
});

test.each([
  ["overwritten", (file: string) => overwrite(file, Math.floor(statSync(file).size / 4096 / 2) * 4096, 4096)],
  ["cut off", (file: string) => truncateSync(file, statSync(file).size - 4096)],
  ["no database", (file: string) => overwrite(file, 0, 20)],
])(
  "a state that is %s is seen also by a command that doesn't need it; a sound one isn't touched",
  async (_, damage) => {
    await using sandbox = await coveSandbox();
    const { file } = filled(sandbox, project());
    expect(looksDamaged(file)).toBe(false);
    damage(file);
    const { code, stdout, stderr } = await sandbox.cove(["status"]);
    expect([code, stdout + stderr]).toEqual([1, expect.stringMatching(/is damaged[\s\S]*cove doctor --repair/)]);
  },
);
