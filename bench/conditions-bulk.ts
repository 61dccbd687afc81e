import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { HELD_MOST } from "../src/conditions/chain.ts";
import { aligned, type Section } from "./section.ts";

const SERVICE = 29_133;
const RELAY = 29_134;
const MIB = 1 << 20;
/** Every condition that must not lose a byte, alone and together, both ways. Loss with a short round trip: it's about bytes. */
const LOSSLESS = [
  "",
  "latency=20±15,both",
  "bandwidth=500MB/s",
  "loss=0.05%,rtt=1",
  "loss,p=0.01%,r=40%,rtt=1",
  "slice=20KB±15KB",
  "slow-close=50,both",
  "open=50,first=50",
  "limit=2GB,both",
  "slice=50KB latency=5±5,normal,both loss=0.02%,rtt=1 bandwidth=500MB/s",
];
/** What may hold the most: long, fast, cut small, or for good. */
const HOLDING = [
  "",
  "latency=500 bandwidth=1GB/s",
  "latency=5000",
  "blackhole,down",
  "slice=64 latency=500",
  "bandwidth=1KB/s",
];

/** Much through every condition: nothing is lost, and memory is bounded. */
export const conditionsBulk: Section = {
  title: "Conditions: 1 GiB through each",
  about:
    "There, through an echo, and back, one connection, both ways under the condition: the SHA-1 of what came back against " +
    "that of what was sent, the rate, and what the relay's process took at its peak over what it took before. Then a service " +
    `that sends without end to a client that never reads, for 5 s: what the relay took in. The bound is ${HELD_MOST / MIB} MiB ` +
    "for each direction of a connection and one read of 256 KiB; the rest is in the kernel's and Node's buffers on " +
    "both sides, and garbage that isn't collected yet.",
  run: async ({ seconds }) => {
    // `--quick` takes an eighth.
    const size = seconds < 3 ? 128 * MIB : 1024 * MIB;
    const rows = [[`${size / MIB} MiB there and back`, "unchanged", "MB/s", "peak RSS, MiB more"]];
    for (const text of LOSSLESS) rows.push([text || "no condition", ...(await thereAndBack(text, size))]);
    const held = [["Nobody reads, 5 s", "taken in, MiB", "peak RSS, MiB more"]];
    for (const text of HOLDING) held.push([text || "no condition", ...(await unread(text))]);
    return [...aligned(rows), "", ...aligned(held)];
  },
};

async function thereAndBack(text: string, size: number): Promise<string[]> {
  return await through(
    text,
    (socket) => void socket.pipe(socket),
    async (socket, memory) => {
      const block = randomBytes(MIB);
      const sent = createHash("sha1");
      const got = createHash("sha1");
      let back = 0;
      socket.on("data", (chunk: Buffer) => {
        got.update(chunk);
        back += chunk.length;
      });
      const ended = once(socket, "end");
      const start = performance.now();
      for (let n = 0; n < size / MIB; n++) {
        // No two blocks are the same: one in another's place would show.
        const own = Buffer.from(block);
        own.writeUInt32LE(n);
        sent.update(own);
        if (!socket.write(own)) await once(socket, "drain");
      }
      socket.end();
      await ended;
      const took = performance.now() - start;
      const same = back === size && sent.digest("hex") === got.digest("hex");
      return [same ? "yes" : "NO", ((2 * size) / 1000 / took).toFixed(0), memory()];
    },
  );
}

async function unread(text: string): Promise<string[]> {
  const block = Buffer.alloc(MIB);
  let taken = 0;
  const flood = (socket: Socket) => {
    const write = () => {
      for (;;) {
        taken = socket.bytesWritten - socket.writableLength;
        if (!socket.write(block)) break;
      }
      socket.once("drain", write);
    };
    write();
  };
  return await through(text, flood, async (socket, memory) => {
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    return [(taken / MIB).toFixed(1), memory()];
  });
}

/** One connection through a relay in a process of its own; `memory`: what that took at its peak, MiB over the time before. */
async function through(
  text: string,
  onSocket: (socket: Socket) => void,
  use: (socket: Socket, memory: () => string) => Promise<string[]>,
): Promise<string[]> {
  const accepted = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    accepted.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await once(server.listen(SERVICE, "127.0.0.1"), "listening");
  const relay = spawn(process.execPath, [
    fileURLToPath(new URL("./relay-process.ts", import.meta.url)),
    ...[RELAY, SERVICE, text].map(String),
  ]);
  const killed = () => void relay.kill("SIGKILL");
  process.once("exit", killed);
  try {
    const socket = await dial();
    const before = peakOf(relay);
    const memory = () => (before === null ? "" : `${((peakOf(relay) ?? before) - before).toFixed(0)}`);
    const found = await use(socket, memory);
    socket.destroy();
    return found;
  } finally {
    killed();
    if (relay.exitCode === null && relay.signalCode === null) await once(relay, "exit");
    process.removeListener("exit", killed);
    for (const socket of accepted) socket.destroy();
    server.close();
    await once(server, "close");
  }
}

async function dial(): Promise<Socket> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect({ port: RELAY, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const failed = await new Promise((resolve) => {
      socket.once("connect", () => resolve(null));
      socket.once("error", resolve);
    });
    if (failed === null) {
      socket.on("error", () => {});
      return socket;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listened on ${RELAY} within 5 s`);
}

/** The most memory that a process ever took, MiB; Linux only. */
function peakOf({ pid }: ChildProcess): number | null {
  if (process.platform !== "linux") return null;
  const [, kibibytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) / 1024;
}
