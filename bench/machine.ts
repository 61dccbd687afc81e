import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { machine } from "../src/machine/machine.ts";
import { programPath } from "./peers/peer.ts";
import { aligned, median, type Section } from "./section.ts";

const LOOKUPS = 1_000;
const PROCESSES = 200;
const PER_PROCESS = 5;
/** Connections of one address run out of ports: the client sides spread over 127/8. */
const PER_ADDRESS = 5_000;

/** What it costs to ask this machine who is who. */
export const machineSection: Section = {
  title: "Asking the machine",
  about:
    "`peer` is the look-up of one connection's client, with that many sockets open. `listeners` is every TCP listener " +
    `with its processes: ${PROCESSES} processes with ${PER_PROCESS} listeners each, beside tools that tell the same.`,
  run: async ({ rounds }) => {
    const lines: string[][] = [["", "p50", "p99"]];
    for (const sockets of [10, 1_000, 10_000]) lines.push(await peerCost(sockets));
    return [...aligned(lines), "", ...(await listenersCost(rounds))];
  },
};

async function peerCost(sockets: number): Promise<string[]> {
  const { peer } = machine;
  const name = `peer, ${sockets.toLocaleString("en")} sockets`;
  if (peer === undefined) return [name, "not on this system", ""];
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket)).listen({ port: 0, host: "0.0.0.0", backlog: 1_024 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients: Socket[] = [];
  // Each connection is two sockets.
  for (let n = 0; n < sockets / 2; n++) {
    const socket = connect(port, `127.0.0.${1 + Math.floor(n / PER_ADDRESS)}`);
    clients.push(socket);
    await once(socket, "connect");
  }
  const ends = accepted.map((socket) => [
    { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
    { host: socket.localAddress ?? "", port: socket.localPort ?? 0 },
  ]);
  const times: number[] = [];
  for (let n = 0; n < LOOKUPS; n++) {
    const [client, own] = ends[(n * 7919) % ends.length] ?? [];
    if (client === undefined || own === undefined) continue;
    const start = performance.now();
    if (peer(client, own) === null) throw new Error("a living peer was not found");
    times.push((performance.now() - start) * 1_000);
  }
  for (const socket of [...clients, ...accepted]) socket.destroy();
  server.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => `${(times[Math.floor(times.length * share)] ?? 0).toFixed(1)} µs`;
  return [name, at(0.5), at(0.99)];
}

async function listenersCost(rounds: number): Promise<string[]> {
  const script = `let open = 0; for (let n = 0; n < ${PER_PROCESS}; n++)
    require("net").createServer().listen(0, "127.0.0.1", () => { if (++open === ${PER_PROCESS}) console.log("up"); });`;
  const children = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] }),
  );
  try {
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    const ways: [string, (() => unknown) | null][] = [
      ["listeners()", () => machine.listeners()],
      ["ss -ltnp", tool("ss", ["-ltnp"])],
      ["lsof -nP", tool("lsof", ["-nP", "-iTCP", "-sTCP:LISTEN"])],
    ];
    const times = new Map<string, number[]>();
    for (let round = 0; round <= rounds; round++) {
      for (const [name, run] of ways) {
        if (run === null) continue;
        const start = performance.now();
        run();
        // The first round warms up.
        if (round > 0) times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
      }
    }
    const own = median(times.get("listeners()") ?? []);
    return aligned([
      [`${PROCESSES * PER_PROCESS} listeners of ${PROCESSES} processes`, "ms", "listeners() is"],
      ...ways.map(([name, run]) => {
        if (run === null) return [`${name}: not here`, "", ""];
        const ms = median(times.get(name) ?? []);
        return [name, ms.toFixed(1), name === "listeners()" ? "" : `${(own / ms).toFixed(2)} ×`];
      }),
    ]);
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

function tool(name: string, args: string[]): (() => unknown) | null {
  const path = programPath(name);
  return path === null ? null : () => execFileSync(path, args, { stdio: "ignore" });
}
