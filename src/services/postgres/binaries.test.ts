import { execFile } from "node:child_process";
import { cpSync, existsSync, lstatSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { orThrow } from "../../fault/fault.ts";
import { type Binaries, EMBEDDED_MAJOR, findBinaries, linkLibraries } from "./binaries.ts";
import { serverEnv } from "./cluster.ts";
import { ownerOf, reachable, runAs } from "./owner.ts";

const exec = promisify(execFile);

/** The embedded engine as an install with blocked scripts leaves it, in a folder that is closed to other users. */
async function fresh(): Promise<{ native: string; binaries: Binaries }> {
  const found = orThrow(await findBinaries("embedded"));
  const native = join(scratch("engine"), "native");
  cpSync(dirname(dirname(found.postgres)), native, {
    recursive: true,
    filter: (path) => !lstatSync(path).isSymbolicLink(),
  });
  const there = (program: string) => join(native, "bin", program.slice(dirname(program).length + 1));
  return { native, binaries: { ...found, initdb: there(found.initdb), postgres: there(found.postgres) } };
}

test("the embedded engine is of the version that the label says", async () => {
  expect(await findBinaries("embedded")).toMatchObject({ engine: "embedded", major: EMBEDDED_MAJOR });
});

test("an install whose scripts were blocked gets its libraries' links", async () => {
  const { native, binaries } = await fresh();
  if (process.platform === "linux") {
    await expect(exec(binaries.initdb, ["--version"])).rejects.toThrow("error while loading shared libraries");
  }
  linkLibraries(native);
  expect((await exec(binaries.initdb, ["--version"])).stdout).toContain(`(PostgreSQL) ${EMBEDDED_MAJOR}.`);
  linkLibraries(native);
});

test("a closed checkout's programs run as the data's owner all the same", async () => {
  const { native, binaries } = await fresh();
  linkLibraries(native);
  const owner = ownerOf(scratch("data"));
  const usable = orThrow(reachable(binaries, owner));
  if (owner.uid === undefined) return expect(usable).toEqual(binaries);
  const copy = dirname(dirname(usable.postgres));
  onTestFinished(() => {
    rmSync(copy, { recursive: true });
    rmSync(dirname(owner.dataDir), { recursive: true, force: true });
  });
  await expect(exec(binaries.postgres, ["--version"], { ...runAs(owner), env: serverEnv() })).rejects.toThrow("EACCES");
  const { stdout } = await exec(usable.postgres, ["--version"], { ...runAs(owner), env: serverEnv() });
  expect(stdout.trim()).toBe(binaries.version);
  // Made once: the next start finds it.
  expect(reachable(binaries, owner)).toEqual(usable);
  expect(existsSync(copy)).toBe(true);
});
