import { describe, expect, test } from "vitest";
import { type HeldSocket, portConflicts } from "./port-conflicts.ts";
import { whoAnswers } from "./who-answers.ts";

const on = (host: string, pids: number[], more: Partial<HeldSocket> = {}): HeldSocket => ({
  address: { host, port: 3000 },
  v6only: host.includes(":") ? true : null,
  pids,
  uid: 1000,
  ...more,
});
const kinds = (...sockets: HeldSocket[]) => portConflicts(sockets).map(({ kind }) => kind);

describe("who gets a connection", () => {
  const all4 = on("0.0.0.0", [1]);
  const loop4 = on("127.0.0.1", [2]);
  const all6 = on("::", [3]);
  const both = on("::", [4], { v6only: false });
  const loop6 = on("::1", [5]);

  test.each([
    ["127.0.0.1", [all4, loop4, all6], [loop4]],
    ["127.0.0.2", [all4, loop4, all6], [all4]],
    ["127.0.0.1", [all6], []],
    ["127.0.0.1", [both], [both]],
    ["127.0.0.1", [all4, both], [all4]],
    ["::ffff:127.0.0.1", [loop4], [loop4]],
    ["::1", [all4, loop4], []],
    ["::1", [all6, loop6], [loop6]],
    ["::1", [all6, loop4], [all6]],
    ["fe80::1%eth0", [on("fe80::1%eth0", [6]), all6], [on("fe80::1%eth0", [6])]],
  ])("at %s", (host, sockets, expected) => {
    expect(whoAnswers(host, sockets)).toEqual(expected);
  });
});

describe("one port with several holders", () => {
  test("127.0.0.1 and ::1 of different processes split localhost", () => {
    expect(kinds(on("127.0.0.1", [1]), on("::1", [2]))).toEqual(["localhost"]);
    expect(kinds(on("0.0.0.0", [1]), on("::", [2]))).toEqual(["localhost"]);
    expect(kinds(on("127.0.0.1", [1]), on("::", [2], { v6only: false }))).toEqual(["localhost"]);
    expect(kinds(on("127.0.0.1", [1]), on("::1", [1]))).toEqual([]);
  });

  test("a process on one address shadows another on all of them", () => {
    expect(kinds(on("127.0.0.1", [1]), on("0.0.0.0", [2]))).toEqual(["shadowed"]);
    expect(kinds(on("192.168.1.5", [1]), on("::", [2], { v6only: false }))).toEqual(["shadowed"]);
    // An IPv6 socket that takes no IPv4 loses nothing to one of IPv4.
    expect(kinds(on("192.168.1.5", [1]), on("::", [2], { v6only: true }))).toEqual(["apart"]);
  });

  test("SO_REUSEPORT shares are told from workers of one server", () => {
    expect(kinds(on("127.0.0.1", [1]), on("127.0.0.1", [2]))).toEqual(["shared"]);
    expect(kinds(on("127.0.0.1", [1]), on("127.0.0.1", [1]))).toEqual([]);
    expect(kinds(on("127.0.0.1", [1, 2]), on("127.0.0.1", [1, 3]))).toEqual([]);
  });

  test("different addresses are only told apart, and loopback addresses of one's own aren't even that", () => {
    expect(kinds(on("192.168.1.5", [1]), on("10.0.0.1", [2]))).toEqual(["apart"]);
    expect(kinds(on("127.0.0.1", [1]), on("127.62.0.5", [2]))).toEqual([]);
    expect(kinds(on("127.0.0.1", [1]))).toEqual([]);
  });

  test("processes that this user may not see count by their user", () => {
    expect(kinds(on("127.0.0.1", [], { uid: 0 }), on("::1", [], { uid: 0 }))).toEqual([]);
    expect(kinds(on("127.0.0.1", [7]), on("::1", [], { uid: 0 }))).toEqual(["localhost"]);
  });

  test("ports are looked at one by one, in order", () => {
    const at = (host: string, pids: number[], port: number) => on(host, pids, { address: { host, port } });
    const sockets = [at("127.0.0.1", [1], 9), at("127.0.0.1", [1], 8), at("::1", [2], 9), at("::1", [2], 8)];
    expect(portConflicts(sockets).map(({ port }) => port)).toEqual([8, 9]);
  });
});
