/** What seccomp does with a call: seccomp(2). */
const ALLOW = 0x7fff_0000;
const ASK = 0x7fc0_0000;
const FAIL = 0x0005_0000;
const ENOSYS = 38;

/** Where a field of `struct seccomp_data` stands. */
const NUMBER = 0;
const ARCHITECTURE = 4;

interface Native {
  /** AUDIT_ARCH_… of the kernel's own calls. */
  readonly arch: number;
  readonly bind: number;
  readonly listen: number;
  /** 32-bit programs that run here too: their calls that could listen, besides {@link IO_URING_SETUP}. */
  readonly small: { readonly arch: number; readonly calls: readonly number[] };
  /** Calls from here on are another architecture's in disguise (x32). */
  readonly disguised: number | null;
}

/**
 * io_uring_setup(2), the same on every architecture. The kernel's threads do what a ring is given, bind and listen since
 * Linux 6.11, without any system call that a filter sees. So there is no ring, as in containers of Docker and Podman.
 */
const IO_URING_SETUP = 425;

const NATIVE: Readonly<Partial<Record<NodeJS.Architecture, Native>>> = {
  // i386 has one call for all that concerns sockets besides the two: its arguments are out of a filter's sight.
  x64: {
    arch: 0xc000_003e,
    bind: 49,
    listen: 50,
    small: { arch: 0x4000_0003, calls: [102, 361, 363] },
    disguised: 0x4000_0000,
  },
  arm64: {
    arch: 0xc000_00b7,
    bind: 200,
    listen: 201,
    small: { arch: 0x4000_0028, calls: [282, 284] },
    disguised: null,
  },
};

/** The system calls that a filter for this architecture asks about; null where there is none. */
export function trapped(arch: NodeJS.Architecture): { readonly bind: number; readonly listen: number } | null {
  return NATIVE[arch] ?? null;
}

/**
 * A classic BPF program (seccomp(2)) that asks the supervisor at bind and listen and lets all else through. What could
 * listen by way of another architecture's calls or of io_uring fails with ENOSYS. Null where this architecture isn't known.
 */
export function bindFilter(arch: NodeJS.Architecture): Buffer | null {
  const native = NATIVE[arch];
  if (native === undefined) return null;
  const { small, disguised } = native;
  const otherwise: Line[] = [
    ifEqual(small.arch, "next", "fail"),
    load(NUMBER),
    ...[...small.calls, IO_URING_SETUP].map((call) => ifEqual(call, "fail", "next")),
    give(ALLOW),
  ];
  const own: Line[] = [
    load(NUMBER),
    ...(disguised === null ? [] : [ifAtLeast(disguised, "fail", "next")]),
    ifEqual(IO_URING_SETUP, "fail", "next"),
    ifEqual(native.bind, "ask", "next"),
    ifEqual(native.listen, "ask", "next"),
    give(ALLOW),
  ];
  const first = [load(ARCHITECTURE), ifEqual(native.arch, "own", "next")];
  return assemble([
    ...first,
    ...otherwise,
    { label: "own" },
    ...own,
    { label: "ask" },
    give(ASK),
    { label: "fail" },
    give(FAIL | ENOSYS),
  ]);
}

type Line =
  | { readonly code: number; readonly value: number; readonly yes?: string; readonly no?: string }
  | { readonly label: string };

const load = (offset: number): Line => ({ code: 0x20, value: offset });
const give = (verdict: number): Line => ({ code: 0x06, value: verdict });
const ifEqual = (value: number, yes: string, no: string): Line => ({ code: 0x15, value, yes, no });
const ifAtLeast = (value: number, yes: string, no: string): Line => ({ code: 0x35, value, yes, no });

/** `struct sock_filter[]`: u16 code, u8 jump if so, u8 jump if not, u32 value. Jumps count the lines in between. */
function assemble(lines: readonly Line[]): Buffer {
  const places = new Map<string, number>();
  let at = 0;
  for (const line of lines) {
    if ("label" in line) places.set(line.label, at);
    else at++;
  }
  const code = Buffer.alloc(at * 8);
  at = 0;
  for (const line of lines) {
    if ("label" in line) continue;
    const from = at + 1;
    const jump = (to: string | undefined) => (to === undefined || to === "next" ? 0 : (places.get(to) ?? from) - from);
    code.writeUInt16LE(line.code, at * 8);
    code.writeUInt8(jump(line.yes), at * 8 + 2);
    code.writeUInt8(jump(line.no), at * 8 + 3);
    code.writeUInt32LE(line.value, at * 8 + 4);
    at++;
  }
  return code;
}
