import { createRequire } from "node:module";
import { isError, isLast, sequenceOf } from "./sock-diag.ts";

/** One netlink socket (netlink(7)) to the kernel's socket tables. Each call is answered before it returns. */
export interface DiagSocket {
  /** The answer to one exact question; null when the kernel knows no such socket. Valid until the next call. */
  readonly ask: (request: Buffer) => Buffer | null;
  /** All parts of the answer to a dump, each valid until the next one is asked for; false when the kernel broke off. */
  readonly dump: (request: Buffer, part: (bytes: Buffer) => void) => boolean;
}

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const NETLINK_SOCK_DIAG = 4;
const MSG_DONTWAIT = 0x40;
const SEQUENCE_AT = 8;
/** The kernel sends at most 32 KiB at a time. */
const ANSWER_SIZE = 64 * 1024;
/** Answers to questions that were given up; there are hardly ever any. */
const STALE_MOST = 64;

type Call = (descriptor: number, bytes: Buffer, length: number, flags: number) => number;

let open: DiagSocket | null | undefined;

/** The process's socket, opened once; null where this system has none, or forbids it. */
export function diagSocket(): DiagSocket | null {
  open ??= openSocket();
  return open;
}

function openSocket(): DiagSocket | null {
  let send: Call;
  let recv: Call;
  let descriptor: number;
  try {
    // Loaded when it's needed: most commands never ask.
    const koffi = createRequire(import.meta.url)("koffi") as typeof import("koffi");
    // What node itself is linked with: glibc or musl.
    const libc = koffi.load(null);
    const socket = libc.func("int socket(int, int, int)") as (family: number, type: number, protocol: number) => number;
    send = libc.func("long send(int, void *, size_t, int)") as Call;
    recv = libc.func("long recv(int, void *, size_t, int)") as Call;
    descriptor = socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_SOCK_DIAG);
  } catch {
    return null;
  }
  if (descriptor < 0) return null;

  const answer = Buffer.allocUnsafeSlow(ANSWER_SIZE);
  let sequence = 0;

  function sent(request: Buffer): boolean {
    sequence = (sequence + 1) >>> 0;
    request.writeUInt32LE(sequence, SEQUENCE_AT);
    return send(descriptor, request, request.length, 0) === request.length;
  }

  /** The next bytes that answer the question under way. The kernel answers within `send`: there's nothing to wait for. */
  function next(): Buffer | null {
    for (let stale = 0; stale < STALE_MOST; stale++) {
      const length = recv(descriptor, answer, ANSWER_SIZE, MSG_DONTWAIT);
      if (length <= 0) return null;
      if (sequenceOf(answer) === sequence) return answer.subarray(0, length);
    }
    return null;
  }

  return {
    ask: (request) => {
      const bytes = sent(request) ? next() : null;
      return bytes === null || isError(bytes) ? null : bytes;
    },
    dump: (request, part) => {
      if (!sent(request)) return false;
      for (;;) {
        const bytes = next();
        if (bytes === null || isError(bytes)) return false;
        part(bytes);
        if (isLast(bytes)) return true;
      }
    },
  };
}
