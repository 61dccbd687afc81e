import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { startProgram } from "./peers/peer.ts";
import { toxiproxy } from "./peers/toxiproxy.ts";
import { aligned, type Section } from "./section.ts";

const SERVICE = 29_130;
const RELAY = 29_131;
const LATENCIES = [1, 5, 50, 200, 500];
const RATES = [10e3, 100e3, 1e6, 10e6, 100e6];
/** One message: the time when it was sent. */
const MESSAGE = 8;

type Start = () => Promise<(() => Promise<void>) | null>;

/** How exact conditions are, beside Toxiproxy. */
export const conditions: Section = {
  title: "Conditions: how exact they are",
  about:
    "Latency: 8-byte messages, 1,000 per second, one way through a relay; how much later than the latency each arrived, " +
    "the two hops over loopback included (the row 0 is the relay alone). Bandwidth: one stream downwards that never lacks " +
    "bytes; rate against the one that was set, and the longest time without a byte.",
  run: async ({ seconds }) => [...(await latencies(seconds)), "", ...(await bandwidths(seconds))],
};

const cove =
  (text: string): Start =>
  () => {
    const program = fileURLToPath(new URL("./relay-process.ts", import.meta.url));
    return startProgram(process.execPath, () => [program, String(RELAY), String(SERVICE), text], RELAY);
  };

const toxic =
  (type: string, stream: string, attributes: object): Start =>
  () =>
    toxiproxy(RELAY, SERVICE, { type, stream, attributes });

async function latencies(seconds: number): Promise<string[]> {
  const rows: string[][] = [["Latency error, ms", "p50", "p99", "least", "toxiproxy p50", "p99", "least"]];
  for (const ms of [0, ...LATENCIES]) {
    const ours = await lateness(cove(ms === 0 ? "" : `latency=${ms},up`), ms, seconds);
    const theirs = await lateness(toxic("latency", "upstream", { latency: ms, jitter: 0 }), ms, seconds);
    rows.push([`${ms}`, ...[ours, theirs].flatMap((one) => one ?? ["", "", ""])]);
  }
  return aligned(rows);
}

/** p50, p99 and the least of what each message took beyond `ms`. */
async function lateness(start: Start, ms: number, seconds: number): Promise<string[] | null> {
  const late: number[] = [];
  const read = (socket: Socket) => {
    let rest = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      const now = performance.now();
      rest = Buffer.concat([rest, chunk]);
      for (; rest.length >= MESSAGE; rest = rest.subarray(MESSAGE)) late.push(now - rest.readDoubleLE() - ms);
    });
  };
  const found = await through(start, read, async (socket) => {
    const timer = setInterval(() => {
      const message = Buffer.alloc(MESSAGE);
      message.writeDoubleLE(performance.now());
      socket.write(message);
    }, 1);
    await wait(seconds * 1_000);
    clearInterval(timer);
    await wait(ms + 200);
    // The first tenth only warms up.
    return late.slice(late.length / 10).sort((a, b) => a - b);
  });
  if (found === null) return null;
  return [0.5, 0.99, 0].map((share) => (found[Math.floor(found.length * share)] ?? Number.NaN).toFixed(2));
}

async function bandwidths(seconds: number): Promise<string[]> {
  const rows: string[][] = [["Bandwidth, B/s", "rate is", "longest gap, ms", "toxiproxy", "longest gap, ms"]];
  for (const rate of RATES) {
    const ours = await flow(cove(`bandwidth=${rate},down`), rate, seconds);
    const theirs = await flow(toxic("bandwidth", "downstream", { rate: rate / 1_000 }), rate, seconds);
    rows.push([rate.toLocaleString("en"), ...[ours, theirs].flatMap((one) => one ?? ["", ""])]);
  }
  return aligned(rows);
}

async function flow(start: Start, rate: number, seconds: number): Promise<string[] | null> {
  const block = Buffer.alloc(256 * 1024);
  const flood = (socket: Socket) => {
    const write = () => {
      while (socket.write(block));
      socket.once("drain", write);
    };
    write();
  };
  const found = await through(start, flood, async (socket) => {
    let bytes = 0;
    let first = 0;
    let last = 0;
    let gap = 0;
    socket.on("data", ({ length }) => {
      const now = performance.now();
      if (first === 0) first = now;
      else {
        // The first piece took its time before it was seen: it doesn't count.
        bytes += length;
        gap = Math.max(gap, now - last);
      }
      last = now;
    });
    await wait(seconds * 1_000);
    return { share: bytes / (((last - first) * rate) / 1_000), gap };
  });
  return found && [`${(found.share * 100).toFixed(2)} %`, found.gap.toFixed(1)];
}

/** One connection through what `start` starts, to a service made of `onSocket`. Null: it isn't installed. */
async function through<T>(
  start: Start,
  onSocket: (socket: Socket) => void,
  use: (socket: Socket) => Promise<T>,
): Promise<T | null> {
  const accepted = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    accepted.add(socket);
    socket.on("error", () => {});
    onSocket(socket);
  });
  await once(server.listen(SERVICE, "127.0.0.1"), "listening");
  const stop = await start();
  try {
    if (stop === null) return null;
    const socket = connect({ port: RELAY, host: "127.0.0.1", noDelay: true });
    socket.on("error", () => {});
    await once(socket, "connect");
    const found = await use(socket);
    socket.destroy();
    return found;
  } finally {
    await stop?.();
    for (const socket of accepted) socket.destroy();
    server.close();
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
