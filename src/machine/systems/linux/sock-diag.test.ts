import { expect, test } from "vitest";
import {
  AF_INET6,
  aimAt,
  type DiagRow,
  dumpRequest,
  eachDiagRow,
  exactRequest,
  IPPROTO_TCP,
  isError,
  isLast,
  LISTENING,
  ownerIn,
  sequenceOf,
} from "./sock-diag.ts";

// Recorded on Linux 6.18, x64: the kernel's own bytes.
const DUMP =
  "840000001400020001000000385d00000a0a0000f1510000000000000000000000000000000000010000000000000000000000000000000000" +
  "00000057af0100000000000000000000000000ff01000000000000621b3000050008000000000005000b000100000008000f00000000000c00" +
  "150001000000000000000600160012000000";
const DONE = "140000000300020001000000385d000000000000";
const LISTENER_V4 =
  "7c0000001400020003000000385d0000020a0000f15300007f0909090000000000000000000000000000000000000000000000000000000000" +
  "00000059af0100000000000000000000000000ff01000000000000641b3000050008000000000008000f00000000000c001500010000000000" +
  "00000600160052000000";
const CONNECTION =
  "7c0000001400000004000000385d0000020100009dd4f1537f0000010000000000000000000000007f09090900000000000000000000000000" +
  "0000005aaf01000000000000000000000000000000000000000000661b3000050008000000000008000f00000000000c001500010000000000" +
  "00000600160052000000";
/** The same one, ended by its client: FIN_WAIT2, uid 0, inode 0. */
const CLOSED =
  "600000001400000006000000385d0000020603009dd4f1537f0000010000000000000000000000007f09090900000000000000000000000000" +
  "0000005aaf01000000000020ea00000000000000000000000000000000000008000f0000000000";
/** ENOENT (-2). */
const ERROR = "240000000200000007000000385d0000feffffff4800000014000100070000000000000000";

const bytes = (hex: string) => Buffer.from(hex, "hex");
const client = { host: "127.0.0.1", port: 40_404 };
const server = { host: "127.9.9.9", port: 61_779 };

function rowsOf(data: Buffer): DiagRow[] {
  const rows: DiagRow[] = [];
  eachDiagRow(data, (row) => rows.push(row));
  return rows;
}

test("a dump's sockets are read, whole ones only", () => {
  const both = bytes(DUMP + LISTENER_V4 + DONE);
  const rows = rowsOf(both);
  expect(rows).toMatchObject([
    { family: AF_INET6, state: 10, localPort: 61_777, remotePort: 0, uid: 0, inode: 3_152_738, v6only: true },
    { localPort: 61_779, inode: 3_152_740, v6only: null },
  ]);
  // Hosts are read late, after the bytes were written over.
  both.fill(0);
  expect(rows.map((row) => row.localHost())).toEqual(["::1", "127.9.9.9"]);

  expect(sequenceOf(bytes(DUMP))).toBe(1);
  expect(isLast(bytes(DUMP))).toBe(false);
  expect(isLast(bytes(DUMP + DONE))).toBe(true);
  for (let cut = 0; cut < DUMP.length / 2; cut++) expect(rowsOf(bytes(DUMP).subarray(0, cut))).toEqual([]);
});

test("a question for a dump names its family, protocol, states and port", () => {
  const request = dumpRequest(AF_INET6, IPPROTO_TCP, LISTENING, 61_777);
  expect(request).toHaveLength(72);
  expect(request.subarray(0, 26).toString("hex")).toBe("480000001400010300000000000000000a06000000040000f151");
});

test("an exact question is what the kernel takes", () => {
  const request = exactRequest();
  expect(aimAt(request, client, server)).toBe(true);
  request.writeUInt32LE(4, 8);
  expect(request.toString("hex")).toBe(
    "48000000140001000400000000000000" +
      "02060000ffffffff9dd4f1537f0000010000000000000000000000007f09090900000000000000000000000000000000ffffffffffffffff",
  );
  // What was asked before leaves nothing behind, and mapped addresses are the IPv4 ones.
  const again = exactRequest();
  aimAt(again, { host: "2001:db8::1", port: 1 }, { host: "fe80::ffff:1", port: 2 });
  aimAt(again, { ...client, host: "::ffff:127.0.0.1" }, { ...server, host: "::ffff:127.9.9.9" });
  again.writeUInt32LE(4, 8);
  expect(again).toEqual(request);
});

test("what has no owner has none, rather than root", () => {
  expect(ownerIn(bytes(CONNECTION), client, server)).toEqual({ uid: 0, inode: 3_152_742 });
  expect(ownerIn(bytes(CLOSED), client, server)).toBeNull();
  // Closed, with bytes under way.
  const closing = bytes(CLOSED);
  closing.writeUInt32LE(1_000, 80);
  expect(ownerIn(closing, client, server)).toEqual({ uid: 1_000, inode: 0 });
  expect(ownerIn(bytes(LISTENER_V4), server, client)).toBeNull();
  expect(ownerIn(bytes(ERROR), client, server)).toBeNull();
  expect(isError(bytes(ERROR))).toBe(true);
  // Another connection's answer.
  expect(ownerIn(bytes(CONNECTION), { ...client, port: 40_405 }, server)).toBeNull();
  expect(ownerIn(bytes(CONNECTION).subarray(0, 80), client, server)).toBeNull();
});
