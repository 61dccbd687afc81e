import { expect, test } from "vitest";
import { callFilter } from "./seccomp-filter.ts";

const ALLOW = "allow";
const ASK = "ask";
const ENOSYS = "ENOSYS";
const EOPNOTSUPP = "EOPNOTSUPP";
const VERDICTS: Readonly<Record<number, string>> = {
  2147418112: ALLOW,
  2143289344: ASK,
  327718: ENOSYS,
  327775: EOPNOTSUPP,
};
const X64 = 0xc000_003e;
const I386 = 0x4000_0003;
const ARM64 = 0xc000_00b7;
const ARM = 0x4000_0028;

/** What the kernel's interpreter makes of a call, of the few instructions that the filter has. */
function verdict(code: Buffer, arch: number, call: number, args: readonly number[] = []): string {
  let loaded = 0;
  const field = (offset: number) => (offset === 0 ? call : offset === 4 ? arch : (args[(offset - 16) / 8] ?? 0));
  const holds: Readonly<Record<number, (value: number) => boolean>> = {
    21: (value) => loaded === value,
    53: (value) => loaded >= value,
    69: (value) => (loaded & value) !== 0,
  };
  for (let at = 0; at < code.length / 8; at++) {
    const [operation, value] = [code.readUInt16LE(at * 8), code.readUInt32LE(at * 8 + 4)];
    if (operation === 0x06) return VERDICTS[value] ?? `${value}`;
    if (operation === 0x20) loaded = field(value);
    else at += code[at * 8 + (holds[operation]?.(value) === true ? 2 : 3)] ?? 0;
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
      42: ASK,
      44: ALLOW,
      200: ALLOW,
      425: ENOSYS,
      426: ALLOW,
      1073741873: ENOSYS,
      1073741824: ENOSYS,
    },
  ],
  ["x64", I386, { 102: ENOSYS, 361: ENOSYS, 363: ENOSYS, 425: ENOSYS, 49: ALLOW, 50: ALLOW }],
  ["arm64", ARM64, { 200: ASK, 201: ASK, 203: ASK, 206: ALLOW, 425: ENOSYS, 49: ALLOW, 198: ALLOW }],
  ["arm64", ARM, { 282: ENOSYS, 284: ENOSYS, 425: ENOSYS, 200: ALLOW }],
  ["x64", ARM64, { 200: ENOSYS, 1: ENOSYS }],
] as const)("on %s, calls of architecture %i", (host, arch, calls) => {
  const code = callFilter(host) ?? Buffer.alloc(0);
  const seen = Object.fromEntries(Object.keys(calls).map((call) => [call, verdict(code, arch, Number(call))]));
  expect(seen).toEqual(calls);
});

const FAST_OPEN = 0x2000_0000;
const NO_SIGNAL = 0x4000;

test.each([
  ["x64", X64, { 44: 3, 46: 2, 307: 3 }],
  ["arm64", ARM64, { 206: 3, 211: 2, 269: 3 }],
] as const)("on %s, what would connect by sending isn't supported, and plain sending is", (host, arch, sends) => {
  const code = callFilter(host) ?? Buffer.alloc(0);
  for (const [call, at] of Object.entries(sends)) {
    const flags = (value: number) => Array.from({ length: 6 }, (_, index) => (index === at ? value : FAST_OPEN));
    expect(verdict(code, arch, Number(call), flags(NO_SIGNAL))).toBe(ALLOW);
    expect(verdict(code, arch, Number(call), flags(NO_SIGNAL | FAST_OPEN))).toBe(EOPNOTSUPP);
  }
});

test("an architecture whose calls aren't known has no filter", () => {
  expect(callFilter("mips")).toBeNull();
});
