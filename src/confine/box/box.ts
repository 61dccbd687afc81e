import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Address } from "../../address/address.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { startListening } from "../../machine/start-listening.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import { joinStreams } from "../join-streams.ts";
import { type BoxPlace, makePlace } from "./place.ts";

/** What runs in a box; its file is read by `box-main.ts`. */
export interface BoxOrder {
  readonly command: readonly string[] | string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
  /** Where the service should listen within, and the Unix socket that leads there. */
  readonly inlet: { readonly to: Address; readonly path: string };
  /** The service's outlets: the address that it connects to in the box, and the Unix socket behind it. */
  readonly outlets: readonly { readonly at: Address; readonly path: string }[];
}

export interface Box {
  /** The program that makes the box and runs the order in it, as the leader of whatever group it is started in. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What stands before a command that is to run beside the service, whose leader's pid is given. */
  readonly beside: (pid: number) => readonly string[];
  /** Closes the outlets; to be called when everything in the box has ended. */
  readonly close: () => void;
}

/**
 * Prepares a network of its own for one service: it may listen there as it likes, and reaches nothing but its edges.
 * Connections to the place's `inlet` come out at the service. Needs Linux and `unshare` (util-linux 2.36); without root
 * also user namespaces. Fault: BOX_FAILED.
 */
export async function openBox(
  place: BoxPlace,
  to: Address,
  edges: readonly Address[],
  launch: Pick<BoxOrder, "command" | "cwd" | "env" | "uid" | "gid">,
): Promise<Box | Fault> {
  const flags = await namespaceFlags();
  if (isFault(flags)) return flags;
  const unmade = makePlace(place);
  if (unmade !== null) return unmade;
  const outlets = edges.map((at, n) => ({ at, path: place.outlet(n) }));
  for (const path of [place.inlet, ...outlets.map((one) => one.path)]) rmSync(path, { force: true });
  const { command, cwd, env, uid, gid } = launch;
  const order: BoxOrder = {
    ...{ command, cwd, env, outlets },
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    inlet: { to, path: place.inlet },
  };
  const servers: Server[] = [];
  const open = new Set<Socket>();
  const close = () => {
    for (const server of servers) server.close();
    for (const socket of open) socket.destroy();
    for (const path of [place.inlet, place.order]) rmSync(path, { force: true });
  };
  try {
    for (const { at, path } of outlets) servers.push(await wayOut(path, at, open));
    writeFileSync(place.order, JSON.stringify(order), { mode: 0o600 });
  } catch (error) {
    close();
    const why = error instanceof Error ? error.message : String(error);
    return fault(
      "BOX_FAILED",
      `the files of the service's box can't be made in ${place.folder}: ${why}`,
      "check the folder's permissions",
    );
  }
  const main = fileURLToPath(ownProgram("box"));
  return {
    command: [UNSHARE, ...flags, "--", process.execPath, main, place.order],
    // The service's own is in the order: its NODE_OPTIONS must not apply to the box itself.
    env: { PATH: process.env.PATH ?? "" },
    beside: (pid) => {
      const user = flags === AS_ROOT ? [] : ["--user", "--preserve-credentials"];
      return ["nsenter", ...user, "--net", `--target=${pid}`, "--"];
    },
    close,
  };
}

/** Outside: what comes from the box goes on to the edge's relay, whose conditions and records hold as for any other. */
async function wayOut(path: string, to: Address, open: Set<Socket>): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (inner) => {
    const outer = connect({ ...to, allowHalfOpen: true });
    for (const socket of [inner, outer]) {
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    }
    joinStreams(inner, outer);
  });
  const error = await startListening(server, { path });
  if (error !== null) throw error;
  return server;
}

/** A program of util-linux. */
const UNSHARE = "unshare";

/** Root may just do it; others are root in a user namespace first, with the rights to set up what is in it. */
const AS_ROOT = ["--net"];
const AS_USER = ["--map-current-user", "--keep-caps", "--net"];

let known: Promise<readonly string[] | Fault> | undefined;

function namespaceFlags(): Promise<readonly string[] | Fault> {
  known ??= tryFlags();
  return known;
}

async function tryFlags(): Promise<readonly string[] | Fault> {
  if (process.platform !== "linux") {
    return fault(
      "BOX_FAILED",
      `${process.platform} has no network namespaces`,
      'set guard: { bind: "fix" } for the service',
    );
  }
  let why = "";
  for (const flags of process.geteuid?.() === 0 ? [AS_ROOT, AS_USER] : [AS_USER]) {
    const refused = await new Promise<string | null>((resolve) => {
      execFile(UNSHARE, [...flags, "--", "true"], (error, _, said) => resolve(error && (said || error.message)));
    });
    if (refused === null) return flags;
    why = refused.trim().split("\n")[0] ?? "";
  }
  return fault(
    "BOX_FAILED",
    `this system doesn't let this user make a network namespace: ${why}`,
    'allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces), or set guard: { bind: "fix" } for the service',
  );
}
