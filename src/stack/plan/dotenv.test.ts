import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { defaultEnvFiles, readEnvFiles } from "./dotenv.ts";

test("env files are read in order, later ones win, missing ones are named", () => {
  const dir = scratch("dotenv");
  writeFileSync(join(dir, ".env"), 'A=1\nB="two words" # comment\nexport C=\'x\'\nD="line1\nline2"\n');
  writeFileSync(join(dir, ".env.local"), "A=2");
  const { env, unread } = readEnvFiles([...defaultEnvFiles([dir]), join(dir, "gone")]);
  expect(env).toEqual({ A: "2", B: "two words", C: "x", D: "line1\nline2" });
  expect(unread).toEqual([join(dir, "gone")]);
});

test("a folder given twice is read once", () => {
  expect(defaultEnvFiles(["/a", "/a/b", "/a"])).toEqual(["/a/.env", "/a/.env.local", "/a/b/.env", "/a/b/.env.local"]);
});
