import { Command } from "commander";
import { expect, test } from "vitest";
import { dashedWordsLast } from "./dashed-words.ts";

const command = new Command()
  .option("-n, --lines <count>")
  .option("-d, --detach")
  .option("-C, --cwd <dir>")
  .option("--no-follow")
  .option("--json");

test.each([
  ["api -status:200", "api -- -status:200"],
  ["-status:200", "-- -status:200"],
  ["-web→api --json api", "--json api -- -web→api"],
  ["-health", "-- -health"],
  ["-n 5 -d api", "-n 5 -d api"],
  ["-n5 -method:get", "-n5 -- -method:get"],
  ["-n -5", "-n -5"],
  ["-C -odd -is:slow", "-C -odd -- -is:slow"],
  ["-lines", "-lines"],
  ["-help", "-help"],
  ["--nope", "--nope"],
  ["-status:200 -- -x", "-- -status:200 -x"],
])("%s is read as %s", (line, read) => {
  expect(dashedWordsLast(line.split(" "), command).join(" ")).toBe(read);
});
