import { expect, test } from "vitest";
import { AF_INET, AF_INET6, portOf, type SocketKind, shownSocket, turned } from "./redirect.ts";

const V4: SocketKind = { family: AF_INET, onlyV6: false };
const BOTH: SocketKind = { family: AF_INET6, onlyV6: false };
const V6: SocketKind = { family: AF_INET6, onlyV6: true };

function v4(host: string, port: number): Buffer {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  Buffer.from(host.split(".").map(Number)).copy(address, 4);
  return address;
}

function v6(bytes: readonly number[], port: number, scope = 0): Buffer {
  const address = Buffer.alloc(28);
  address.writeUInt16LE(AF_INET6, 0);
  address.writeUInt16BE(port, 2);
  Buffer.from([...Array(16 - bytes.length).fill(0), ...bytes]).copy(address, 8);
  address.writeUInt32LE(scope, 24);
  return address;
}

const after = (address: Buffer, kind: SocketKind) => {
  const instead = turned(address, kind);
  return instead === null ? null : shownSocket(instead, kind.family);
};

test("what isn't loopback becomes loopback, on the same port", () => {
  expect(after(v4("0.0.0.0", 3000), V4)).toBe("127.0.0.1:3000");
  expect(after(v4("192.168.7.9", 80), V4)).toBe("127.0.0.1:80");
  expect(after(v6([], 3000), V6)).toBe("[::1]:3000");
  expect(after(v6([0xfe, 0x80, ...Array(13).fill(0), 1], 3000, 2), V6)).toBe("[::1]:3000");
  expect(turned(v6([0xfe, 0x80, ...Array(13).fill(0), 1], 3000, 2), V6)?.readUInt32LE(24)).toBe(0);
});

test("a socket for both families is turned to IPv4's, where edges lead", () => {
  expect(after(v6([], 3000), BOTH)).toBe("127.0.0.1:3000");
  expect(turned(v6([], 3000), BOTH)?.subarray(8, 24).toString("hex")).toBe("00000000000000000000ffff7f000001");
  expect(after(v6([0xff, 0xff, 0, 0, 0, 0], 3000), BOTH)).toBe("127.0.0.1:3000");
});

test("loopback stays as it is, and so does what is no address", () => {
  expect(turned(v4("127.0.0.1", 3000), V4)).toBeNull();
  expect(turned(v4("127.62.0.5", 5432), V4)).toBeNull();
  expect(turned(v6([1], 3000), BOTH)).toBeNull();
  expect(turned(v6([0xff, 0xff, 127, 62, 0, 5], 3000), BOTH)).toBeNull();
  expect(turned(Buffer.alloc(3), V4)).toBeNull();
  expect(turned(Buffer.alloc(16), V6)).toBeNull();
});

test("addresses are shown as people write them", () => {
  expect(shownSocket(v4("0.0.0.0", 3000), AF_INET)).toBe("0.0.0.0:3000");
  expect(shownSocket(v6([], 3000), AF_INET6)).toBe("[::]:3000");
  expect(portOf(v6([], 65_535))).toBe(65_535);
  expect(portOf(Buffer.alloc(2))).toBe(0);
});
