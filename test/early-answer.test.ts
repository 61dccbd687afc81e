import { spawn } from "node:child_process";
import { request } from "node:http";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAfterFailedWrite } from "../src/door/accept/failed-writes.ts";

const SIZES = [2_000_000, 5_000_000];
const SERVICES = ["reset", "fin", "http"] as const;

const stops: (() => void)[] = [];
let ports: Record<(typeof SERVICES)[number], number>;

/** Runs a script that prints one line of JSON and ends with its input. */
async function start<T>(script: string, args: readonly string[] = []): Promise<T> {
  const file = fileURLToPath(new URL(`./support/${script}.fixture.ts`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  stops.push(() => child.stdin.end());
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once("data", (chunk) => resolve(String(chunk)));
    child.once("exit", () => reject(new Error(`${script} ended`)));
  });
  return JSON.parse(line) as T;
}

beforeAll(async () => {
  ports = await start("early-answers");
});
afterAll(() => {
  for (const stop of stops) stop();
});

/** Whether a client gets the whole answer. */
type Client = (port: number, upload: Buffer) => Promise<boolean>;

const clients: Record<string, Client> = {
  "a client that reads after a failed send": (port, upload) =>
    new Promise((resolve) => {
      let got = "";
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true }, () => {
        socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${upload.length}\r\n\r\n`);
        socket.write(upload);
      });
      readAfterFailedWrite(socket, () => {});
      socket.on("data", (chunk) => {
        got += chunk;
        if (isWhole(got)) socket.destroy();
      });
      socket.on("error", () => {});
      socket.on("end", () => socket.destroy());
      socket.on("close", () => resolve(isWhole(got)));
    }),
  "node:http": (port, upload) =>
    new Promise((resolve) => {
      const asked = request({ port, host: "127.0.0.1", method: "POST", agent: false }, (response) => {
        let body = "";
        response.on("data", (chunk) => {
          body += chunk;
        });
        response.on("error", () => {});
        response.on("close", () => resolve(body.length === 20_000));
      });
      asked.on("error", () => resolve(false));
      asked.end(upload);
    }),
  fetch: async (port, upload) => {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: upload });
      return (await response.text()).length === 20_000;
    } catch {
      return false;
    }
  },
};

const isWhole = (text: string) =>
  /^HTTP\/1.1 4\d\d /.test(text) && text.split("\r\n\r\n")[1]?.includes("x".repeat(20_000)) === true;

async function lost(tries: number, client: Client, port: number, upload: Buffer): Promise<number> {
  let count = 0;
  for (let n = 0; n < tries; n++) if (!(await client(port, upload))) count++;
  return count;
}

/** Clients that end themselves on a failed send lose some by chance, directly too: so many more are no difference. */
const CHANCE = 5;

describe.each([
  ["", 30],
  ["latency=5ms", 10],
  ["http-slow=1GB/s", 10],
  ["toxiproxy", 10],
  ["the door", 30],
] as const)("through a relay with %j, or the door, of %i tries", (how, tries) => {
  let through: Record<string, number>;
  beforeAll(async () => {
    const to = SERVICES.map((name) => String(ports[name]));
    const opened = await (how === "the door" ? start<number[]>("doors", to) : start<number[]>("relays", [how, ...to]));
    through = Object.fromEntries(SERVICES.map((name, n) => [name, opened[n] ?? 0]));
  });

  test.each(SERVICES)(
    "an answer of %j before the end of an upload is lost no more often than directly",
    { timeout: 240_000 },
    async (service) => {
      for (const size of SIZES) {
        const upload = Buffer.alloc(size, "u");
        for (const [name, client] of Object.entries(clients)) {
          const direct = await lost(tries, client, ports[service], upload);
          const relayed = await lost(tries, client, through[service] ?? 0, upload);
          const most = name.includes("reads after") ? direct : direct + CHANCE;
          expect.soft(relayed, `${name}, ${size} bytes; direct ${direct}`).toBeLessThanOrEqual(most);
        }
      }
    },
  );
});
