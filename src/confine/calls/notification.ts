/** A call that waits for an answer, as the kernel describes it: `struct seccomp_notif`, seccomp_unotify(2). */
export interface Notification {
  readonly id: bigint;
  /** The thread that calls, by its number here. */
  readonly thread: number;
  readonly call: number;
  readonly args: readonly [number, number, number];
}

/** Sizes that this was written for; a newer kernel takes and gives no more than these. */
export const NOTIFICATION_SIZE = 80;
export const ANSWER_SIZE = 24;

/** `SECCOMP_IOCTL_NOTIF_…`: a direction, the size, '!' and a number. */
export const RECEIVE = 0xc000_0000 + NOTIFICATION_SIZE * 0x1_0000 + 0x2100;
export const SEND = 0xc000_0000 + ANSWER_SIZE * 0x1_0000 + 0x2101;
export const STILL_WAITS = 0x4000_0000 + 8 * 0x1_0000 + 0x2102;

const ID = 0;
const THREAD = 8;
const CALL = 16;
const ARGS = 32;

export function readNotification(from: Buffer): Notification {
  return {
    id: from.readBigUInt64LE(ID),
    thread: from.readUInt32LE(THREAD),
    call: from.readInt32LE(CALL),
    // User space ends well below 2⁵³. Lengths and descriptors are ints: the lower half counts.
    args: [from.readInt32LE(ARGS), Number(from.readBigUInt64LE(ARGS + 8)), from.readInt32LE(ARGS + 16)],
  };
}

/** What the call gives its caller: 0, an error's number, or `continue`: the kernel does it as if nobody had asked. */
export type Answer = 0 | { readonly error: number } | "continue";

const CONTINUE = 1;

export function writeAnswer(into: Buffer, id: bigint, answer: Answer): void {
  into.fill(0);
  into.writeBigUInt64LE(id, 0);
  if (answer === "continue") into.writeUInt32LE(CONTINUE, 20);
  else if (answer !== 0) into.writeInt32LE(-answer.error, 16);
}
