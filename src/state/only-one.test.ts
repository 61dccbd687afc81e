import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { orThrow } from "../fault/fault.ts";
import { onlyOne } from "./only-one.ts";

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), "cove-lock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const take = (folder: string, name: string) => orThrow(onlyOne(folder, name));

test("one holder at a time, until it lets go", () => {
  const folder = scratch();
  const first = take(folder, "home");
  expect(first).not.toBeNull();
  expect(take(folder, "home")).toBeNull();
  take(folder, "start")?.release();
  first?.release();
  first?.release();
  const second = take(folder, "home");
  expect(second).not.toBeNull();
  second?.release();
});

test("the lock of a killed process is free", async () => {
  const folder = scratch();
  const module = fileURLToPath(new URL("./only-one.ts", import.meta.url));
  const code = `const { onlyOne } = await import(${JSON.stringify(module)});
    console.log(onlyOne(${JSON.stringify(folder)}, "home") === null ? "taken" : "held"); setInterval(() => {}, 1e6);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  expect(String(said).trim()).toBe("held");
  expect(take(folder, "home")).toBeNull();
  child.kill("SIGKILL");
  await once(child, "exit");
  const mine = take(folder, "home");
  expect(mine).not.toBeNull();
  mine?.release();
});
