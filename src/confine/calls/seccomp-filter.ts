/** What seccomp does with a call: seccomp(2). */
const ALLOW = 0x7fff_0000;
const ASK = 0x7fc0_0000;
const FAIL = 0x0005_0000;
const ENOSYS = 38;
const EOPNOTSUPP = 95;

/** Where a field of `struct seccomp_data` stands. */
const NUMBER = 0;
const ARCHITECTURE = 4;
/** The lower half of an argument: all that an int has. */
const argument = (at: number) => 16 + 8 * at;

/** MSG_FASTOPEN of sendto(2): connects by sending. */
const FAST_OPEN = 0x2000_0000;

/** A call that takes flags, and which of its arguments they are. */
interface Sending {
  readonly call: number;
  readonly flags: number;
}

interface Native {
  /** AUDIT_ARCH_… of the kernel's own calls. */
  readonly arch: number;
  readonly bind: number;
  readonly listen: number;
  readonly connect: number;
  /** sendto, sendmsg, sendmmsg. */
  readonly sends: readonly Sending[];
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
    connect: 42,
    sends: [
      { call: 44, flags: 3 },
      { call: 46, flags: 2 },
      { call: 307, flags: 3 },
    ],
    small: { arch: 0x4000_0003, calls: [102, 361, 363] },
    disguised: 0x4000_0000,
  },
  arm64: {
    arch: 0xc000_00b7,
    bind: 200,
    listen: 201,
    connect: 203,
    sends: [
      { call: 206, flags: 3 },
      { call: 211, flags: 2 },
      { call: 269, flags: 3 },
    ],
    small: { arch: 0x4000_0028, calls: [282, 284] },
    disguised: null,
  },
};

/** The system calls that a filter for this architecture asks about; null where there is none. */
export function trapped(arch: NodeJS.Architecture): Pick<Native, "bind" | "listen" | "connect"> | null {
  return NATIVE[arch] ?? null;
}

/**
 * A classic BPF program (seccomp(2)) that asks the supervisor at bind, listen and connect and lets all else through. What
 * could listen by way of another architecture's calls or of io_uring fails with ENOSYS; what would connect by sending, with
 * EOPNOTSUPP, as where TCP fast open is switched off: programs connect then. Null where this architecture isn't known.
 */
export function callFilter(arch: NodeJS.Architecture): Buffer | null {
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
    ...[native.bind, native.listen, native.connect].map((call) => ifEqual(call, "ask", "next")),
    ...native.sends.map(({ call }) => ifEqual(call, `send ${call}`, "next")),
    give(ALLOW),
    ...native.sends.flatMap(({ call, flags }): Line[] => [
      { label: `send ${call}` },
      load(argument(flags)),
      ifAny(FAST_OPEN, "no fast open", "allow"),
    ]),
  ];
  const first = [load(ARCHITECTURE), ifEqual(native.arch, "own", "next")];
  return assemble([
    ...first,
    ...otherwise,
    { label: "own" },
    ...own,
    { label: "ask" },
    give(ASK),
    { label: "allow" },
    give(ALLOW),
    { label: "no fast open" },
    give(FAIL | EOPNOTSUPP),
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
const ifAny = (bits: number, yes: string, no: string): Line => ({ code: 0x45, value: bits, yes, no });
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
