import { expect, test } from "vitest";
import { bindFilter } from "./seccomp-filter.ts";

const ALLOW = "allow";
const ASK = "ask";
const ENOSYS = "ENOSYS";
const X64 = 0xc000_003e;
const I386 = 0x4000_0003;
const ARM64 = 0xc000_00b7;
const ARM = 0x4000_0028;

/** What the kernel's interpreter makes of a call, of the few instructions that the filter has. */
function verdict(code: Buffer, arch: number, call: number): string {
  let loaded = 0;
  for (let at = 0; at < code.length / 8; at++) {
    const [operation, value] = [code.readUInt16LE(at * 8), code.readUInt32LE(at * 8 + 4)];
    if (operation === 0x06) {
      return value === 0x7fff_0000 ? ALLOW : value === 0x7fc0_0000 ? ASK : value === 0x0005_0026 ? ENOSYS : `${value}`;
    }
    if (operation === 0x20) loaded = value === 0 ? call : arch;
    else at += code[at * 8 + ((operation === 0x15 ? loaded === value : loaded >= value) ? 2 : 3)] ?? 0;
  }
  return "ran out";
}

test.each([
  [
    "x64",
    X64,
    {
      49: ASK,
      50: ASK,
      0: ALLOW,
      41: ALLOW,
      200: ALLOW,
      425: ENOSYS,
      426: ALLOW,
      1073741873: ENOSYS,
      1073741824: ENOSYS,
    },
  ],
  ["x64", I386, { 102: ENOSYS, 361: ENOSYS, 363: ENOSYS, 425: ENOSYS, 49: ALLOW, 50: ALLOW }],
  ["arm64", ARM64, { 200: ASK, 201: ASK, 425: ENOSYS, 49: ALLOW, 198: ALLOW }],
  ["arm64", ARM, { 282: ENOSYS, 284: ENOSYS, 425: ENOSYS, 200: ALLOW }],
  ["x64", ARM64, { 200: ENOSYS, 1: ENOSYS }],
] as const)("on %s, calls of architecture %i", (host, arch, calls) => {
  const code = bindFilter(host) ?? Buffer.alloc(0);
  const seen = Object.fromEntries(Object.keys(calls).map((call) => [call, verdict(code, arch, Number(call))]));
  expect(seen).toEqual(calls);
});

test("an architecture whose calls aren't known has no filter", () => {
  expect(bindFilter("mips")).toBeNull();
});
