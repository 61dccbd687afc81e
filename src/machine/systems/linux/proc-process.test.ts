import { expect, test } from "vitest";
import { nameInPasswd } from "./linux.ts";
import { isDead, parseStat } from "./proc-process.ts";

test("a stat line is read from behind its last parenthesis", () => {
  const rest =
    "S 7 812 800 34816 812 4194304 900 0 0 0 3 1 0 0 20 0 11 0 123456 1000000 9000 18446744073709551615 1 1 0 0 0 0 0 4096 17642 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0";
  const expected = { pid: 812, state: "S", parent: 7, group: 812, threads: 11, startTicks: "123456" };
  expect(parseStat(`812 (node) ${rest}`)).toEqual(expected);
  expect(parseStat(`812 (my) server) R 1 2 (x) ${rest}`)).toEqual(expected);
  expect(parseStat("812 (cut")).toBeNull();
});

test("zombies and dead processes are dead", () => {
  const stat = { pid: 1, parent: 0, group: 1, threads: 1, startTicks: "1" };
  expect(["R", "S", "D", "T", "Z", "X"].map((state) => isDead({ ...stat, state }))).toEqual([
    ...[false, false, false, false],
    ...[true, true],
  ]);
  expect(isDead({ ...stat, state: "Z", threads: 2 })).toBe(false);
});

test("user names come from passwd, by uid and not by what looks like it", () => {
  const passwd = "root:x:0:0:root:/root:/bin/bash\nann:x:1000:100:,,,:/home/ann:/bin/zsh\nbob:x:100:1000::/:/bin/sh\n";
  expect([0, 1000, 100, 1].map((uid) => nameInPasswd(passwd, uid))).toEqual(["root", "ann", "bob", null]);
});
