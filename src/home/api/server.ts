import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Fault, fault } from "../../fault/fault.ts";
import { startListening } from "../../machine/start-listening.ts";
import { untrusted } from "../client/socket.ts";
import { createApi } from "./app.ts";
import { createAssets } from "./assets.ts";
import type { HomeServices } from "./routes/home-services.ts";
import { acceptSessions } from "./session-socket.ts";

/** Longer than the door keeps its upstream sockets, so that it is never home that closes first, ms. */
const KEEP_ALIVE = 120_000;

export interface HomeServer {
  readonly close: () => Promise<void>;
}

/** Home's HTTP server on its Unix socket: the API, runners' sessions, the dashboard. */
export async function openServer(home: HomeServices, socket: string): Promise<HomeServer | Fault> {
  const { port } = home.health();
  const api = getRequestListener(createApi(home).fetch, { overrideGlobalObjects: false });
  const assets = createAssets(home.auth, port);
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/api" || path.startsWith("/api/") || path.startsWith("/api?")) return void api(request, response);
    if (path.startsWith("/otlp/")) return home.receiver.receive(request, response);
    assets(request, response).catch((error: unknown) => {
      console.error(`${request.method} ${path.split("?")[0]}:`, error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE;
  const runners = acceptSessions(server, home.auth, home.sessions);

  const failed = preparePath(socket) ?? (await listen(server, socket));
  if (failed !== null) return failed;
  if (process.platform !== "win32") chmodSync(socket, 0o600);
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        runners.close();
        server.closeAllConnections();
      }),
  };
}

/** A path where only this user can listen and connect, free of what a killed home left. */
function preparePath(socket: string): Fault | null {
  const why = untrusted(socket, true);
  if (why !== null)
    return fault("HOME_UNREACHABLE", `home's socket can't be made: ${why}`, "set COVE_HOME to another folder");
  // A living home would hold the lock that this one holds.
  if (process.platform !== "win32") rmSync(socket, { force: true });
  return null;
}

async function listen(server: Server, socket: string): Promise<Fault | null> {
  const error = await startListening(server, { path: socket }, (later) =>
    console.error(`home's socket: ${later.message}`),
  );
  if (error === null) return null;
  return fault(
    "HOME_UNREACHABLE",
    `home can't listen at ${socket}: ${error.message}`,
    "set COVE_HOME to another folder",
  );
}
