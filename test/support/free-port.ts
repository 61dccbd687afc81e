import { createServer } from "node:net";

/** Each worker of the test run has ports of its own, below those that the system gives to outgoing connections. */
const FIRST = 20_000;
const EACH = 2_000;
const WORKERS = 4;

const start = FIRST + (Number(process.env.VITEST_POOL_ID ?? 0) % WORKERS) * EACH;
let given = Math.floor(Math.random() * EACH);

/**
 * A port that nothing listens on, on either family, and that no other test of this run gets. One that the system picks
 * (port 0) and that is closed again may be another program's a moment later.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < EACH; attempt++) {
    const port = start + (given++ % EACH);
    if ((await canListen(port, "127.0.0.1")) && (await canListen(port, "::1"))) return port;
  }
  throw new Error(`no free port from ${start} to ${start + EACH}`);
}

/** As many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** True also where this machine has no such address. */
function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
