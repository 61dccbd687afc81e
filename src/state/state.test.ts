import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { fault, isFault, orThrow } from "../fault/fault.ts";
import { listAliases, removeAlias, setAlias } from "./aliases.ts";
import { stateFolder } from "./folder.ts";
import { MIGRATIONS } from "./migrations.ts";
import { forgetProcess, forgetStack, listProcesses, recordProcess } from "./processes.ts";
import { doorPort, getSetting, setSetting } from "./settings.ts";
import { openState, type State } from "./state.ts";

function open(folder = scratch("state")): State {
  const state = orThrow(openState({ folder }));
  onTestFinished(() => {
    if (state.db.isOpen) state.close();
  });
  return state;
}

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe("the folder", () => {
  test("is COVE_HOME, else the system's place", () => {
    expect(stateFolder({ COVE_HOME: "/x/y" })).toBe("/x/y");
    if (process.platform === "linux") {
      expect(stateFolder({ XDG_STATE_HOME: "/x" })).toBe("/x/cove");
      expect(stateFolder({})).toMatch(/\/\.local\/state\/cove$/);
    }
  });

  test("is 0700 and every file in it 0600, whatever the umask", () => {
    const old = process.umask(0);
    onTestFinished(() => {
      process.umask(old);
    });
    const folder = join(scratch("state"), "new", "cove");
    const state = open(folder);
    orThrow(setSetting(state, "x", 1) ?? 0);
    expect(mode(folder)).toBe("700");
    const files = readdirSync(folder);
    expect(files).toEqual(expect.arrayContaining(["cove.sqlite", "cove.sqlite-wal", "cove.sqlite-shm"]));
    expect(files.map((file) => mode(join(folder, file)))).toEqual(files.map(() => "600"));
    expect(mode(state.serviceDir("k", "db"))).toBe("700");
  });

  test("is closed to others when it was open", () => {
    const folder = scratch("state");
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, "cove.sqlite"), "");
    chmodSync(join(folder, "cove.sqlite"), 0o644);
    open(folder);
    expect([mode(folder), mode(join(folder, "cove.sqlite"))]).toEqual(["700", "600"]);
  });

  test("that can't be made is a fault that names it", () => {
    const file = join(scratch("state"), "file");
    writeFileSync(file, "");
    expect(openState({ folder: join(file, "cove") })).toMatchObject({
      fault: "STATE_BROKEN",
      message: expect.stringContaining(file),
      hint: expect.stringContaining("COVE_HOME"),
    });
  });

  test("gives each service a place of its own that no name climbs out of", () => {
    const state = open();
    const dirs = ["db", "../db", "..", ".", "a/b", "a%2Fb", "*"].map((name) => state.serviceDir("key", name));
    expect(new Set(dirs).size).toBe(dirs.length);
    for (const dir of dirs) expect(dir.startsWith(`${join(state.folder, "services", "key")}/`)).toBe(true);
    expect(state.serviceDir("key", "db")).toBe(dirs[0]);
  });
});

describe("the file", () => {
  test("is in WAL mode, checks foreign keys, and keeps what was written", () => {
    const state = open();
    expect(state.db.prepare("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    expect(state.db.prepare("PRAGMA foreign_keys").get()).toEqual({ foreign_keys: 1 });
    expect(state.db.prepare("PRAGMA synchronous").get()).toEqual({ synchronous: 1 });
    expect(state.db.prepare("PRAGMA busy_timeout").get()).toEqual({ timeout: 30_000 });
    expect(state.db.prepare("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
    setSetting(state, "a", { b: [1] });
    state.close();
    expect(getSetting(open(state.folder), "a")).toEqual({ b: [1] });
  });

  test("of an older version is migrated and keeps its rows", () => {
    const folder = scratch("state");
    const old = new DatabaseSync(join(folder, "cove.sqlite"));
    old.exec(MIGRATIONS[0] ?? "");
    old.exec("PRAGMA user_version = 1; INSERT INTO settings VALUES ('kept', '1')");
    old.close();
    const state = open(folder);
    expect(getSetting(state, "kept")).toBe(1);
    expect(state.db.prepare("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
  });

  test("of a newer Cove is left alone", () => {
    const folder = scratch("state");
    const file = join(folder, "cove.sqlite");
    const newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 999; CREATE TABLE future (x)");
    newer.close();
    expect(openState({ folder })).toMatchObject({ fault: "STATE_BROKEN", detail: { file, schema: 999 } });
    const after = new DatabaseSync(file);
    expect(after.prepare("SELECT name FROM sqlite_schema").all()).toEqual([{ name: "future" }]);
    after.close();
  });

  test("that is no database is a fault that says how to go on, and isn't touched", () => {
    const folder = scratch("state");
    const file = join(folder, "cove.sqlite");
    const garbage = "not a database at all ".repeat(400);
    writeFileSync(file, garbage);
    expect(openState({ folder })).toMatchObject({
      fault: "STATE_BROKEN",
      message: expect.stringContaining(file),
      hint: expect.stringContaining("cove doctor --repair"),
    });
    expect(readFileSync(file, "utf8")).toBe(garbage);
  });

  test("with a damaged page gives a fault from the transaction that meets it", () => {
    const state = open();
    for (let n = 0; n < 200; n++) setSetting(state, `key-${n}`, "x".repeat(100));
    state.close();
    const file = join(state.folder, "cove.sqlite");
    const bytes = readFileSync(file);
    // All but the first page, which holds the schema.
    bytes.fill(0xff, 4096);
    writeFileSync(file, bytes);
    const opened = openState({ folder: state.folder });
    const result = isFault(opened) ? opened : setSetting(opened, "key-0", "y");
    expect(result).toMatchObject({ fault: "STATE_BROKEN" });
    if (!isFault(opened)) opened.close();
  });
});

describe("a transaction", () => {
  test("undoes everything when its work throws or ends in a fault", () => {
    const state = open();
    const write = (key: string) => orThrow(setSetting(state, key, 1) ?? 0);
    expect(() =>
      state.transaction(() => {
        write("a");
        throw new Error("a bug");
      }),
    ).toThrow("a bug");
    const failed = state.transaction(() => {
      write("b");
      return fault("INTERNAL", "no");
    });
    expect(failed).toMatchObject({ fault: "INTERNAL" });
    expect([getSetting(state, "a"), getSetting(state, "b")]).toEqual([undefined, undefined]);
    expect(state.transaction(() => 5)).toBe(5);
  });

  test("inside another is undone alone, or with it", () => {
    const state = open();
    state.transaction(() => {
      setSetting(state, "outer", 1);
      state.transaction(() => {
        setSetting(state, "inner", 1);
        return fault("INTERNAL", "only the inner one");
      });
      setSetting(state, "after", 1);
    });
    expect(["outer", "inner", "after"].map((key) => getSetting(state, key))).toEqual([1, undefined, 1]);
    state.transaction(() => {
      state.transaction(() => setSetting(state, "inner", 2));
      return fault("INTERNAL", "all of it");
    });
    expect(getSetting(state, "inner")).toBeUndefined();
  });

  test("comes in between those of processes that write without a pause", { timeout: 150_000 }, async () => {
    const folder = scratch("state");
    open(folder).close();
    const greedy = fileURLToPath(new URL("./greedy-writer.fixture.ts", import.meta.url));
    for (let n = 0; n < 2; n++) {
      const child = spawn(process.execPath, [greedy, "5"], {
        env: { ...process.env, COVE_HOME: folder },
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      await once(child.stdout, "data");
    }
    const state = orThrow(openState({ folder, lockTimeout: 20_000 }));
    onTestFinished(() => state.close());
    const faults: unknown[] = [];
    for (let n = 0; n < 5; n++) {
      const failed = setSetting(state, "modest", n);
      if (failed !== null) faults.push(failed);
    }
    expect(faults).toEqual([]);
  });

  test("waits for another process's, and gives up with STATE_LOCKED when the lock timeout is over", async () => {
    const state = open();
    const holder = await holdLock(state.folder, 500);
    expect(state.transaction(() => "my turn")).toBe("my turn");
    await once(holder, "exit");

    await holdLock(state.folder, 30_000);
    const hasty = orThrow(openState({ folder: state.folder, lockTimeout: 300 }));
    expect(hasty.transaction(() => "never")).toMatchObject({ fault: "STATE_LOCKED" });
    expect(hasty.db.isTransaction).toBe(false);
    hasty.close();
  });
});

/** A real process that has the file locked for `ms`. */
async function holdLock(folder: string, ms: number): Promise<ChildProcess> {
  const script = `const { DatabaseSync } = require("node:sqlite");
    new DatabaseSync(${JSON.stringify(join(folder, "cove.sqlite"))}).exec("BEGIN IMMEDIATE");
    console.log("locked"); setTimeout(() => process.exit(), ${ms})`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
  return child;
}

describe("settings", () => {
  test("hold any JSON value, until they are taken away", () => {
    const state = open();
    for (const value of [0, "", null, false, [1, { a: "ü" }]]) {
      setSetting(state, "x", value);
      expect(getSetting(state, "x")).toEqual(value);
    }
    setSetting(state, "x", undefined);
    expect(getSetting(state, "x")).toBeUndefined();
  });

  test("the door's port: the environment, else the setting, else 62893", () => {
    const state = open();
    expect(doorPort(state, {})).toBe(62893);
    setSetting(state, "port", 8443);
    expect(doorPort(state, {})).toBe(8443);
    expect(doorPort(state, { COVE_PORT: "7000" })).toBe(7000);
    for (const bad of ["0", "65536", "http", "-1"]) {
      expect(doorPort(state, { COVE_PORT: bad })).toMatchObject({ fault: "ADDRESS_INVALID" });
    }
  });
});

test("processes are on record until they, their stack or their runner are forgotten", () => {
  const state = open();
  const runner = { pid: 10, started: "a" };
  const record = (service: string, pid: number, by = runner) => ({
    ...{ stack: "s", service, runner: by, process: { pid, started: `t${pid}` } },
  });
  const [web, db, other] = [record("web", 11), record("db", 12), record("web", 21, { pid: 20, started: "b" })];
  for (const one of [web, db, other, web]) expect(recordProcess(state, one)).toBeNull();
  recordProcess(state, { ...web, stack: "t", process: { pid: 31, started: "x" } });
  expect(listProcesses(state, "s")).toHaveLength(3);
  expect(listProcesses(state)).toHaveLength(4);

  // The same pid with another start is another process.
  forgetProcess(state, { pid: 12, started: "else" });
  forgetProcess(state, db.process);
  expect(
    listProcesses(state, "s")
      .map(({ process }) => process.pid)
      .sort(),
  ).toEqual([11, 21]);
  forgetStack(state, "s", runner);
  expect(listProcesses(state, "s")).toEqual([other]);
  forgetStack(state, "s");
  expect(listProcesses(state).map(({ stack }) => stack)).toEqual(["t"]);
});

test("aliases are set, moved, listed by name and removed", () => {
  const state = open();
  setAlias(state, { name: "b", host: "127.0.0.1", port: 1 });
  setAlias(state, { name: "a", host: "::1", port: 2 });
  setAlias(state, { name: "b", host: "127.0.0.1", port: 3 });
  expect(listAliases(state)).toEqual([
    { name: "a", host: "::1", port: 2 },
    { name: "b", host: "127.0.0.1", port: 3 },
  ]);
  expect([removeAlias(state, "a"), removeAlias(state, "a")]).toEqual([true, false]);
});

test("twenty processes open a new folder at the same moment and all succeed", { timeout: 60_000 }, async () => {
  const folder = join(scratch("state"), "fresh");
  mkdirSync(folder);
  const module = new URL("state.ts", import.meta.url).href;
  const script = `const { openState } = await import(${JSON.stringify(module)});
    const state = openState({ folder: ${JSON.stringify(folder)} });
    if ("fault" in state) { console.error(state); process.exit(1); }
    state.close();`;
  const codes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
      return (await once(child, "exit"))[0];
    }),
  );
  expect(codes).toEqual(Array(20).fill(0));
});
