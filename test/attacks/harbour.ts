import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readToken } from "../../src/home/client/token.ts";
import type { AuditView, GuardView, Snapshot } from "../../src/home/view/view.ts";
import { coveSandbox, type Sandbox } from "../support/cove.ts";
import { ask } from "../support/door-request.ts";

/** `POST /cart`, `GET /api/x`, `upgrade /socket`: what came to a service, with its headers. */
export interface Seen {
  readonly what: string;
  readonly headers: Record<string, string | undefined>;
}

/** As careless as a dev server may be: any page may read it, it sets HSTS, and it counts what reaches it. */
const SERVER = `
import { createHash } from "node:crypto";
import { createServer } from "node:http";
const seen = [];
const server = createServer((request, response) => {
  const { method, url, headers } = request;
  if (url === "/seen") return response.end(JSON.stringify(seen));
  if (url === "/env") return response.end(JSON.stringify({ HOST: process.env.HOST, args: process.argv.slice(2) }));
  seen.push({ what: method + " " + url, headers });
  response.setHeader("access-control-allow-origin", "*");
  response.setHeader("access-control-allow-headers", "*");
  response.setHeader("access-control-allow-methods", "*");
  response.setHeader("strict-transport-security", "max-age=31536000; includeSubDomains");
  if (url === "/bundle.js") {
    response.setHeader("content-type", "text/javascript");
    return response.end("globalThis.stolen = 'the source'");
  }
  response.setHeader("content-type", "text/html");
  response.end("<title>a page</title>the secret");
});
server.on("upgrade", ({ url, headers }, socket) => {
  seen.push({ what: "upgrade " + url, headers });
  const accept = createHash("sha1").update(headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
  socket.on("error", () => {});
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
  socket.write(Buffer.from([0x81, 5, ...Buffer.from("hello")]));
});
server.listen(Number(process.env.PORT), process.env.HOST);
`;

interface Moored {
  /** The origin that `friendly` lets in. */
  readonly friend?: string;
  /** What the shell has set. */
  readonly env?: NodeJS.ProcessEnv;
  /** Further services, as lines of the config. */
  readonly more?: string;
}

/** A real home with a real stack: `shop` with web, api and an api that lets one foreign page in. */
export interface Harbour extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly port: number;
  /** `http://api.shop.localhost:62893`. */
  readonly origin: (service: string) => string;
  /** What reached a service so far. */
  readonly seen: (service: string) => Promise<readonly Seen[]>;
  readonly snapshot: () => Promise<Snapshot>;
  /** Home's own audit, not that of the command line. */
  readonly audit: () => Promise<AuditView>;
  readonly guard: () => Promise<GuardView>;
  readonly token: () => string;
}

export async function harbour({
  friend = "https://friend.example",
  env = {},
  more = "",
}: Moored = {}): Promise<Harbour> {
  const sandbox = await coveSandbox();
  const project = realpathSync(mkdtempSync(join(tmpdir(), "cove-harbour-")));
  writeFileSync(
    join(project, "cove.yaml"),
    `name: shop
services:
  api: { command: node server.mjs }
  web: { command: node server.mjs, needs: [api] }
  friendly: { command: node server.mjs, guard: { origins: ["${friend}"] } }
${more}`,
  );
  writeFileSync(join(project, "server.mjs"), SERVER);
  const up = await sandbox.cove(["up", "-d"], { cwd: project, env });
  const { port } = sandbox;
  const dispose = async () => {
    await sandbox[Symbol.asyncDispose]();
    rmSync(project, { recursive: true, force: true });
  };
  if (up.code !== 0) {
    await dispose();
    throw new Error(`cove up: ${up.stdout}${up.stderr}`);
  }
  const token = () => readToken(sandbox.home) ?? "";
  const api = async (path: string) => {
    const headers = { authorization: `Bearer ${token()}` };
    return JSON.parse((await ask(port, "cove.localhost", { path, headers })).body);
  };
  return {
    sandbox,
    port,
    token,
    origin: (service) => `http://${service}.shop.localhost:${port}`,
    seen: async (service) => JSON.parse((await ask(port, `${service}.shop.localhost`, { path: "/seen" })).body),
    snapshot: async () => JSON.parse((await sandbox.cove(["--json"])).stdout),
    audit: () => api("/api/v1/audit"),
    guard: () => api("/api/v1/guard"),
    [Symbol.asyncDispose]: dispose,
  };
}

/** A foreign page's server: an empty page at any path, on a port of its own. */
export async function foreignServer(): Promise<{ port: number } & AsyncDisposable> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>evil</title><body></body>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
