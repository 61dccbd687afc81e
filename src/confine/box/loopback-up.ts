import koffi from "koffi";

const AF_INET = 2;
const SOCK_DGRAM = 2;
/** netdevice(7). */
const SIOCGIFFLAGS = 0x8913;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP = 1;
const IFREQ_SIZE = 40;
const FLAGS = 16;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;

/**
 * Brings up the loopback of a new network namespace, then drops the rights that this took, so that what is started
 * later has none of them. Null, or why it failed.
 */
export function loopbackUp(): string | null {
  const libc = koffi.load(null);
  const socket: (domain: number, type: number, protocol: number) => number = libc.func("socket", "int", [
    "int",
    "int",
    "int",
  ]);
  const ioctl: (fd: number, request: number, argument: Buffer) => number = libc.func("ioctl", "int", [
    "int",
    "ulong",
    "void *",
  ]);
  const prctl: (option: number, a: number, b: number, c: number, d: number) => number = libc.func("prctl", "int", [
    "int",
    "ulong",
    "ulong",
    "ulong",
    "ulong",
  ]);
  const close: (fd: number) => number = libc.func("close", "int", ["int"]);
  const fd = socket(AF_INET, SOCK_DGRAM, 0);
  const request = Buffer.alloc(IFREQ_SIZE);
  request.write("lo");
  const got = ioctl(fd, SIOCGIFFLAGS, request);
  request.writeInt16LE(request.readInt16LE(FLAGS) | IFF_UP, FLAGS);
  const set = got === -1 ? -1 : ioctl(fd, SIOCSIFFLAGS, request);
  const why = set === -1 ? `errno ${koffi.errno()}` : null;
  close(fd);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return why;
}
