import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { containers } from "../machine/containers.ts";
import { exposure } from "../machine/exposure.ts";
import { machine } from "../machine/machine.ts";
import { programNames } from "../machine/program.ts";
import type { Listener, ProcessDetails } from "../machine/systems/system.ts";
import { withAnswers } from "./ask.ts";
import { DEBUG_VARIABLES } from "./debuggers.ts";
import type { AuditFacts, AuditFile, AuditListener, UnnamedClients } from "./facts.ts";
import { readFirewall } from "./firewall.ts";
import type { Reach } from "./netfilter/reach.ts";

/** What Cove itself knows, besides what this machine says. */
export interface KnownToCove {
  /** The state folder. */
  readonly folder: string;
  /** Names what Cove has an address for. */
  readonly useOf: (listener: Listener) => string | null;
  readonly unnamed: readonly UnnamedClients[];
}

/**
 * Looks at this machine. With `ask`, what others can reach and no name tells is asked what it is, on loopback; nothing is
 * logged in to.
 */
export async function gatherFacts(
  { folder, useOf, unnamed }: KnownToCove,
  options: { readonly ask?: boolean } = {},
): Promise<AuditFacts> {
  const wall = readFirewall();
  const known = new Map<number, ProcessDetails | null>();
  const details = (pid: number | null) => {
    if (pid === null) return null;
    let found = known.get(pid);
    if (found === undefined) {
      found = machine.processDetails(pid);
      known.set(pid, found);
    }
    return found;
  };
  const seen =
    (protocol: "tcp" | "udp") =>
    (listener: Listener): AuditListener => {
      const { address, pid, uid, v6only } = listener;
      const process = details(pid);
      const called = process === null ? { program: null, names: [] } : programNames(process);
      return {
        ...{ protocol, host: address.host, port: address.port, exposure: exposure(address), pid, uid },
        user: process?.user ?? (uid === null ? null : machine.userName(uid)),
        command: process?.command ?? null,
        program: called.program,
        names: called.names,
        arguments: process?.arguments ?? process?.command?.split(/\s+/) ?? [],
        environment: debugVariables(pid, called.names),
        answer: null,
        reach:
          exposure(address) === "loopback"
            ? UNREACHED
            : wall.reach({ protocol, host: address.host, port: address.port, v6only }),
        cwd: process?.cwd ?? null,
        cove: useOf(listener),
      };
    };
  const listeners = [...machine.listeners().map(seen("tcp")), ...machine.udpSockets().map(seen("udp"))];
  return {
    listeners: options.ask === true ? await withAnswers(listeners) : listeners,
    containers: await containers(),
    files: ownFiles(folder),
    firewall: wall.firewall,
    reachOf: wall.reach,
    unnamed,
    uid: process.getuid?.() ?? null,
    otherUsers: otherUsers(readPasswd(), userInfo().username),
    seesAllProcesses: machine.seesAllProcesses(),
  };
}

/** No packet from outside gets to loopback, whatever the rules say. */
const UNREACHED: Reach = { letIn: "nobody", who: null, tables: [] };

/** Runtimes whose debuggers a variable may switch on. */
const DEBUGGED = /^(node|nodejs|electron|deno|bun|java|ruby[\d.]*|rdbg)(\.exe)?$/;

function debugVariables(pid: number | null, names: readonly string[]): ReadonlyMap<string, string> {
  const all = pid !== null && names.some((name) => DEBUGGED.test(name)) ? machine.processEnvironment(pid) : null;
  return new Map(DEBUG_VARIABLES.flatMap((name) => (all?.has(name) ? [[name, all.get(name) ?? ""] as const] : [])));
}

/** The state folder and what lies in it. Windows' permissions aren't mode bits: there it is the profile that protects it. */
function ownFiles(folder: string): AuditFile[] {
  if (process.platform === "win32") return [];
  try {
    return [folder, ...readdirSync(folder).map((name) => join(folder, name))].flatMap((path) => {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      if (stat === undefined || stat.isSymbolicLink()) return [];
      return [{ path, mode: stat.mode & 0o777, uid: stat.uid, folder: stat.isDirectory() }];
    });
  } catch {
    // Not made yet.
    return [];
  }
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

/** People who may log in, by the text of passwd(5): uids from 1000 (macOS: 501) with a shell. */
export function otherUsers(passwd: string, self: string): string[] {
  return passwd.split("\n").flatMap((line) => {
    const [name, , uid, , , , shell] = line.split(":");
    const person = Number(uid) >= 500 && Number(uid) < 60_000;
    if (name === undefined || name === self || !person || /(nologin|false)$/.test(shell ?? "")) return [];
    return [name];
  });
}
