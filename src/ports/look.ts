import { type Container, containers } from "../machine/containers.ts";
import { machine } from "../machine/machine.ts";
import { programNames } from "../machine/program.ts";
import { projectFolders } from "./project-folder.ts";
import type { ContainerFacts, ProcessFacts } from "./row.ts";

/** Processes and containers as the three commands see them, each looked up once, however many sockets they hold. */
export interface Look {
  readonly facts: (pid: number) => ProcessFacts | null;
  /** The process, its parent, that one's parent … without pid 1. */
  readonly line: (pid: number) => number[];
  readonly userName: (uid: number) => string | null;
  /** Running containers and what their engines publish. */
  readonly containers: readonly Container[];
}

/** One look at this machine; each process is looked up once. Engines that don't answer within half a second are left out. */
export async function takeLook(): Promise<Look> {
  const running = await containers();
  const projectOf = projectFolders();
  // Within this command's own container nothing is marked as a container's.
  const own = machine.processDetails(process.pid)?.container ?? null;
  const facts = remembered((pid: number) => factsOf(pid, own, running, projectOf));
  return { facts, line: (pid) => lineOf(pid, facts), userName: remembered(machine.userName), containers: running };
}

function factsOf(
  pid: number,
  own: string | null,
  running: readonly Container[],
  projectOf: (cwd: string) => string | null,
): ProcessFacts | null {
  const details = machine.processDetails(pid);
  if (details === null) return null;
  const { parent, user, uid, cwd, startedAt } = details;
  // What is shown and printed may end in a bug report: passwords in URLs are left out.
  const command = details.command?.replace(/(:\/\/[^:/@\s]*:)[^@\s]*@/g, "$1•••@") ?? null;
  const container =
    details.container === null || details.container === own ? null : containerFacts(details.container, running);
  const { program } = programNames(details);
  const project = cwd === null || container !== null ? null : projectOf(cwd);
  return { pid, parent, command, program, user, uid, cwd, project, startedAt, container };
}

/** A container by the id in its process' cgroup; its engine says the rest. */
function containerFacts(id: string, running: readonly Container[]): ContainerFacts {
  const found = running.find((one) => one.id.startsWith(id));
  return { engine: found?.engine ?? null, id: found?.id ?? id, name: found?.name ?? null };
}

function lineOf(pid: number, facts: Look["facts"]): number[] {
  const pids: number[] = [];
  // A circle, which reused pids can make on Windows, must not hang us.
  for (let at = pid; at > 1 && !pids.includes(at); at = facts(at)?.parent ?? 0) pids.push(at);
  return pids;
}

function remembered<T>(find: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    let found = known.get(key);
    if (found === undefined) {
      found = find(key);
      known.set(key, found);
    }
    return found;
  };
}
