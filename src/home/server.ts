import { chmodSync, mkdirSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Fault, fault } from "../fault/fault.ts";
import { createApi } from "./api/app.ts";
import type { ApiRooms } from "./api/rooms.ts";
import { createAssets } from "./assets.ts";
import { acceptSessions } from "./session-socket.ts";
import { socketFolder } from "./socket.ts";

/** Longer than the door keeps its upstream sockets, so that it is never home that closes first, ms. */
const KEEP_ALIVE = 120_000;

export interface HomeServer {
  readonly close: () => Promise<void>;
}

/** Home's HTTP server on its Unix socket: the API, runners' sessions, the dashboard. */
export async function openServer(rooms: ApiRooms, socket: string): Promise<HomeServer | Fault> {
  const { port } = rooms.health();
  const api = getRequestListener(createApi(rooms).fetch, { overrideGlobalObjects: false });
  const assets = createAssets(rooms.auth, port);
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path === "/api" || path.startsWith("/api/") || path.startsWith("/api?")) return void api(request, response);
    assets(request, response).catch((error: unknown) => {
      console.error(`${request.method} ${path.split("?")[0]}:`, error);
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE;
  const runners = acceptSessions(server, rooms.auth, rooms.sessions);

  const failed = privateFolder(socket) ?? (await listen(server, socket));
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

/** The socket's folder must be this user's alone: in the system's temporary folder anyone could have made it first. */
function privateFolder(socket: string): Fault | null {
  const folder = socketFolder(socket);
  if (folder === null) return null;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    if (uid !== process.getuid?.()) throw new Error(`it belongs to uid ${uid}`);
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
    // Left by a home that was killed; a living one would hold the lock that this one holds.
    rmSync(socket, { force: true });
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fault(
      "HOME_UNREACHABLE",
      `home's socket can't be made in ${folder}: ${why}`,
      "set COVE_HOME to another folder",
    );
  }
}

function listen(server: Server, socket: string): Promise<Fault | null> {
  return new Promise((resolve) => {
    server.once("error", (error) => {
      resolve(
        fault(
          "HOME_UNREACHABLE",
          `home can't listen at ${socket}: ${error.message}`,
          "set COVE_HOME to another folder",
        ),
      );
    });
    server.listen(socket, () => resolve(null));
  });
}
