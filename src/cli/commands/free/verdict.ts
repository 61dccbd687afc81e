import type { Address } from "../../../address/address.ts";
import { formatAddress } from "../../../address/parse.ts";
import { type Fault, fault } from "../../../fault/fault.ts";
import type { PortUse } from "../../../ports/uses.ts";
import { databaseServer } from "./database-servers.ts";

export interface HeldAddress extends Address {
  readonly protocol: "tcp" | "udp";
}

/** One process, or container, that keeps a port from being free. */
export interface PortHolder {
  /** Where it has the port open. */
  readonly addresses: readonly HeldAddress[];
  /** Null when this user may not know. */
  readonly pid: number | null;
  /** Other processes that have the same socket open: its workers. */
  readonly workers: readonly number[];
  readonly command: string | null;
  /** The program's file, without its folder: `node`. */
  readonly program: string | null;
  readonly user: string | null;
  readonly uid: number | null;
  readonly project: string | null;
  /** Epoch ms. */
  readonly startedAt: number | null;
  /** The container that it runs in, or that publishes the port. */
  readonly container: { readonly engine: string | null; readonly id: string; readonly name: string } | null;
  /** What Cove knows it as. */
  readonly cove: PortUse | null;
  /** True for the home of this user's Cove, or of another state folder's. */
  readonly home: boolean;
  /** True for the process that runs a stack (`cove up`). */
  readonly runner: string | null;
}

/** Who asks. */
export interface Asker {
  readonly pid: number;
  /** Its parent, that one's parent and so on, up to pid 1. */
  readonly ancestors: readonly number[];
  /** Null on Windows. */
  readonly uid: number | null;
  readonly force: boolean;
}

/** What is to be done about one holder. */
export interface Step {
  readonly holder: PortHolder;
  readonly by: "signal" | "engine";
}

/**
 * What `cove free` does about a port's holders: a step for each, or a fault (PORT_PROTECTED) when one of them must not be
 * ended. It is all or nothing: a port with one holder left isn't free.
 */
export function freeVerdict(port: number, holders: readonly PortHolder[], asker: Asker): readonly Step[] | Fault {
  const steps: Step[] = [];
  for (const holder of holders) {
    const refused = refusal(port, holder, asker);
    if (refused !== null) {
      return fault("PORT_PROTECTED", refused.why, refused.hint, { port, pid: holder.pid, rule: refused.rule });
    }
    steps.push({ holder, by: holder.container === null ? "signal" : "engine" });
  }
  return steps;
}

interface CannotFree {
  /** Short and stable, for programs. */
  readonly rule: string;
  readonly why: string;
  readonly hint: string;
}

function refusal(port: number, holder: PortHolder, asker: Asker): CannotFree | null {
  const { pid, cove, user, uid } = holder;
  const who = nameHolder(holder);
  if (holder.home || cove?.use === "door" || cove?.use === "edge") {
    const what = cove?.use === "edge" ? `the way ${cove.label} of the stack ${cove.stack}` : "Cove's own";
    const hint =
      cove?.use === "edge"
        ? `end that stack with: cove down ${cove.stack}`
        : "end Cove, and every stack that it keeps, with: cove stop";
    return { rule: "cove", why: `port ${port} is ${what}`, hint };
  }
  if (cove?.use === "service") {
    const hint = `start it anew with: cove restart ${cove.stack}/${cove.service}; end its stack with: cove down ${cove.stack}`;
    return { rule: "service", why: `port ${port} is ${cove.label}, a service of a running stack`, hint };
  }
  if (holder.runner !== null) {
    const hint = `end that stack with: cove down ${holder.runner}`;
    return { rule: "runner", why: `port ${port} is held by what runs the stack ${holder.runner}`, hint };
  }
  // A container's process belongs to whomever its image says; who may stop it is its engine's to say.
  if (holder.container !== null) {
    if (holder.container.engine !== null) return null;
    const name = `the container ${holder.container.id.slice(0, 12)}`;
    const hint = "stop it through its engine: neither Docker nor Podman answers for it here";
    return { rule: "container", why: `port ${port} is held by ${name}`, hint };
  }
  if (pid === null) {
    const whose = uid === null ? "another user's process" : `a process of ${user ?? `uid ${uid}`}`;
    return {
      rule: "hidden",
      why: `port ${port} is held by ${whose} that this user may not see`,
      hint:
        asker.uid === 0
          ? "it is the kernel's own, or runs outside this container: end it there"
          : `ask ${user ?? "its owner"} to end it, or as an administrator: sudo cove free ${port} --force`,
    };
  }
  if (pid === 1) {
    return {
      rule: "init",
      why: `port ${port} is held by pid 1, which starts and keeps everything else on this machine`,
      hint: "find the unit that asked for it: systemctl list-sockets",
    };
  }
  if (pid === asker.pid || holder.workers.includes(asker.pid)) {
    return { rule: "self", why: `port ${port} is held by this very command`, hint: "wait until it has ended" };
  }
  if (asker.ancestors.includes(pid)) {
    return {
      rule: "ancestor",
      why: `port ${port} is held by ${who}, which this command runs in: it would end itself`,
      hint: `run cove free ${port} from another terminal`,
    };
  }
  if (asker.uid !== null && uid !== asker.uid && !(asker.uid === 0 && asker.force)) {
    const hint =
      asker.uid === 0
        ? `if it must go: cove free ${port} --force`
        : `ask ${user ?? "them"} to end it, or as an administrator: sudo cove free ${port} --force`;
    return { rule: "other-user", why: `port ${port} is held by another user's ${who}`, hint };
  }
  const database = databaseServer(holder.program, holder.command);
  if (database !== null && !asker.force) {
    return {
      rule: "database",
      why: `port ${port} is held by ${who}, a database: data that it hasn't written yet could be lost`,
      hint: `stop it its own way: ${database.stop(port)}; or in spite of that: cove free ${port} --force`,
    };
  }
  return null;
}

/** `node (pid 812, user ann)`; the program alone, since a command line may be long. */
function nameHolder({ program, command, pid, user }: PortHolder): string {
  const name = program ?? command?.split(" ")[0] ?? "a process";
  return `${name} (${[`pid ${pid}`, ...(user === null ? [] : [`user ${user}`])].join(", ")})`;
}

/** Every address of a holder: `127.0.0.1:3000, [::1]:3000`. */
export function addressesText(holder: PortHolder): string {
  return holder.addresses.map((one) => formatAddress(one) + (one.protocol === "udp" ? " udp" : "")).join(", ");
}
