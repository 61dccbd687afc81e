import { expect, test } from "vitest";
import { uidOf } from "../machine/users.ts";
import { judgeCount } from "./limits.ts";
import { judgeProgram, judgeUser, type PeerPolicy, UNCHECKED, UNNAMED } from "./peer.ts";
import { createRefusals } from "./refusals.ts";

const policy: PeerPolicy = {
  service: "shop/db",
  lets: (uid) => uid === 0 || uid === 1000,
  programs: null,
  namedOnly: true,
};

test("this user and root get in, others and the unknown don't", () => {
  expect(judgeUser({ uid: 1000, inode: 5 }, policy)).toBeNull();
  expect(judgeUser({ uid: 0, inode: 5 }, policy)).toBeNull();
  expect(judgeUser({ uid: 65534, inode: 5 }, policy)).toMatchObject({
    check: "peer",
    fault: { fault: "PEER_REFUSED", message: "a connection of uid 65534 to shop/db was refused" },
    allow: "guard: { users: [65534] }",
  });
  // A system that can't tell at all keeps nobody out.
  expect(judgeUser(UNCHECKED, policy)).toBeNull();
});

test("who can't be named is refused only where Cove is the only way in, or the config lists who may come", () => {
  const open = { ...policy, namedOnly: false };
  expect(judgeUser(UNNAMED, open)).toBeNull();
  expect(judgeUser(UNNAMED, policy)?.fault.message).toContain("could not be named");
  expect(judgeUser(UNNAMED, { ...open, programs: ["psql"] })?.check).toBe("peer");
  // Its user is known, and isn't this one: closing early is no way around the guard.
  expect(judgeUser({ uid: 65534, inode: null }, open)?.check).toBe("peer");
});

test("a list of programs means executables by path or file name, and no unknown ones", () => {
  const listed = { ...policy, programs: ["psql", "/opt/app/bin/server"] };
  expect(judgeProgram("/usr/bin/psql", listed)).toBeNull();
  expect(judgeProgram("/opt/app/bin/server", listed)).toBeNull();
  for (const program of ["/tmp/server", "/usr/bin/psql2", "/usr/bin/node", "psql/x", null]) {
    expect(judgeProgram(program, listed)?.status, String(program)).toBe(403);
  }
  expect(judgeProgram(null, policy)).toBeNull();
});

test("connections are bounded in all, and for each guest", () => {
  const limits = { all: 10, guest: 2 };
  expect(judgeCount(9, null, limits)).toBeNull();
  expect(judgeCount(10, null, limits)?.status).toBe(503);
  expect(judgeCount(1, 1, limits)).toBeNull();
  expect(judgeCount(2, 2, limits)?.fault.fault).toBe("TOO_BUSY");
});

test("refusals are kept newest first, the last ones only, and a flood is one line", () => {
  let told = 0;
  const refusals = createRefusals(() => told++, { most: 3 });
  const one = (what: string, uid = 5) =>
    refusals.add({
      ...{ check: "peer", service: null, what, why: "because", hint: null, allow: null },
      peer: { address: "127.0.0.1", uid },
    });
  for (let n = 0; n < 1_000; n++) one("a");
  for (const what of ["b", "c", "d"]) one(what);
  one("d", 6);
  expect(refusals.list().map(({ what, count, peer }) => [what, count, peer.uid])).toEqual([
    ["d", 1, 6],
    ["d", 1, 5],
    ["c", 1, 5],
  ]);
  expect([refusals.total(), told]).toEqual([1_004, 1_004]);
});

test("users are known by number and by name", () => {
  expect(uidOf(1000)).toBe(1000);
  expect(uidOf("1000")).toBe(1000);
  expect(uidOf("no such user")).toBeNull();
  if (process.platform !== "win32") expect(uidOf("root")).toBe(0);
});
