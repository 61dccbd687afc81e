import { existsSync, readFileSync, statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { LEASE_RANGE } from "../../address/ports.ts";
import { readAuthority } from "../../certificates/authority.ts";
import { readTrustRecord } from "../../certificates/trust/trust-record.ts";
import { lookAtStores, prove, rootOf, surroundings, verdictOf } from "../../certificates/trust/trust-state.ts";
import { type Fault, faultOf, isFault } from "../../fault/fault.ts";
import { connectHome } from "../../home/client/client.ts";
import { readHomeFile } from "../../home/client/home-file.ts";
import { version } from "../../home/view/version.ts";
import { openLeases } from "../../lease/leases.ts";
import { holderAt } from "../../machine/holder-at.ts";
import { localNamesAdvice, localNamesResolve } from "../../machine/local-names.ts";
import { describeHolder, machine } from "../../machine/machine.ts";
import { postgresProblem } from "../../services/postgres/binaries.ts";
import { stateFolder } from "../../state/folder.ts";
import { listProcesses } from "../../state/processes.ts";
import { doorPort } from "../../state/settings.ts";
import { openState, type State } from "../../state/state.ts";
import { checkState } from "../../state/state-fault.ts";
import { table } from "../terminal/table.ts";
import type { CoveCommand } from "./command.ts";
import { repairState } from "./repair-state.ts";

type Verdict = "ok" | "warn" | "fail";

interface Finding {
  readonly check: string;
  readonly verdict: Verdict;
  readonly text: string;
  /** What to do about it. */
  readonly fix?: string;
}

export const command: CoveCommand = {
  doing: () => "checking this machine",
  configure: (command) => {
    command
      .option("--repair", "make damaged files of the state anew, with all that can be read of them")
      .addHelpText("after", "\nExits with 1 when something fails.");
  },
  run: async (context, _, options) => {
    if (options.repair === true) return await repairState(context);
    const findings: Finding[] = [nodeVersion(), folder()];
    const broken = folderFault() ?? checkState();
    const state = broken ?? openState();
    if (isFault(state)) findings.push(fromFault("state", state));
    else {
      findings.push(await home(state), door(state), leases(state), orphans(state), ...(await traces()));
      state.close();
    }
    findings.push(await names(), ipv6(), peers(), ephemeralRange(), await database(), ...(await trust()));

    if (context.json) context.printJson({ checks: findings });
    else {
      const marks = {
        ok: context.paint("green", "ok"),
        warn: context.paint("yellow", "warn"),
        fail: context.paint("red", "fail"),
      };
      const rows = findings.flatMap(({ check, verdict, text, fix }) => [
        [marks[verdict], check, text],
        ...(fix === undefined ? [] : [["    ", "", context.paint("dim", fix)]]),
      ]);
      for (const line of table(rows)) context.print(line);
    }
    return findings.some(({ verdict }) => verdict === "fail") ? 1 : 0;
  },
};

function nodeVersion(): Finding {
  return { check: "node", verdict: "ok", text: `Node ${process.versions.node}, Cove ${version()}` };
}

/** Why the state has no folder. */
function folderFault(): Fault | null {
  try {
    stateFolder();
    return null;
  } catch (error) {
    const known = faultOf(error);
    if (known === null) throw error;
    return known;
  }
}

function folder(): Finding {
  const none = folderFault();
  if (none !== null) return fromFault("folder", none);
  const path = stateFolder();
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { check: "folder", verdict: "ok", text: `${path} (not made yet)` };
  const open = process.platform !== "win32" && (stat.mode & 0o077) !== 0;
  if (open)
    return { check: "folder", verdict: "fail", text: `${path} can be read by other users`, fix: `chmod 700 ${path}` };
  return { check: "folder", verdict: "ok", text: path };
}

async function home(state: State): Promise<Finding> {
  const client = await connectHome({ anyVersion: true });
  if (isFault(client)) return fromFault("home", client);
  if (client === null)
    return { check: "home", verdict: "ok", text: "not running; any command that needs it starts it" };
  const { pid, version: running, port } = client.home;
  if (running !== version()) {
    return {
      check: "home",
      verdict: "fail",
      text: `Cove ${running} runs (pid ${pid}), and this is ${version()}`,
      fix: "cove stop",
    };
  }
  const wanted = doorPort(state);
  if (!isFault(wanted) && wanted !== port) {
    return {
      check: "home",
      verdict: "warn",
      text: `its door is at ${port}, and ${wanted} is configured`,
      fix: "cove stop; the next command starts it there",
    };
  }
  return { check: "home", verdict: "ok", text: `pid ${pid}, door at 127.0.0.1:${port}` };
}

/** Which services say themselves for which request they send what, and why others don't. */
async function traces(): Promise<Finding[]> {
  const client = await connectHome({ anyVersion: true });
  const snapshot = client === null || isFault(client) ? null : await client.snapshot();
  if (snapshot === null || isFault(snapshot)) return [];
  return snapshot.stacks.flatMap(({ name: stack, services }): Finding[] =>
    services.flatMap(({ name, tracing }): Finding[] => {
      if (tracing === undefined) return [];
      const how = tracing.reports ? "reported by" : "guessed by time:";
      return [{ check: "traces", verdict: "ok", text: `${name} in ${stack}: ${how} ${tracing.text}` }];
    }),
  );
}

function door(state: State): Finding {
  const port = doorPort(state);
  if (isFault(port)) return fromFault("door", port);
  // The door listens on both.
  const holder = holderAt({ host: "127.0.0.1", port }) ?? holderAt({ host: "::1", port });
  if (holder === null) return { check: "door", verdict: "ok", text: `port ${port} is free` };
  const isHome = /cove home|home[/\\]main\.[jt]s/.test(holder.command ?? "");
  if (isHome && holder.pid === readHomeFile(state.folder)?.pid) {
    return { check: "door", verdict: "ok", text: `port ${port} is Cove's` };
  }
  if (isHome) {
    return {
      check: "door",
      verdict: "fail",
      text: `port ${port} is held by the home of another state folder (pid ${holder.pid})`,
      fix: "end it with cove stop under its own COVE_HOME, or choose another port with COVE_PORT",
    };
  }
  return {
    check: "door",
    verdict: "fail",
    text: `port ${port} is held by ${describeHolder(holder)}`,
    fix: "end that process, or choose another port with COVE_PORT",
  };
}

function leases(state: State): Finding {
  const all = openLeases(state).list();
  const stale = all.filter(({ root }) => !existsSync(root)).length;
  if (stale === 0) return { check: "leases", verdict: "ok", text: `${all.length} held` };
  return {
    check: "leases",
    verdict: "warn",
    text: `${stale} of ${all.length} belong to folders that are gone`,
    fix: "cove lease --release --stale",
  };
}

function orphans(state: State): Finding {
  const listed = listProcesses(state);
  if (isFault(listed)) return fromFault("orphans", listed);
  const left = listed.filter(({ process, runner }) => machine.isRunning(process) && !machine.isRunning(runner));
  if (left.length === 0) return { check: "orphans", verdict: "ok", text: "no service outlives its runner" };
  return {
    check: "orphans",
    verdict: "warn",
    text: `pids ${left.map(({ process }) => process.pid).join(", ")} outlive their runner`,
    fix: "cove up, or any command that starts home, ends them",
  };
}

async function names(): Promise<Finding> {
  if (await localNamesResolve()) {
    return { check: "names", verdict: "ok", text: "*.localhost leads to loopback, for every program" };
  }
  return {
    check: "names",
    verdict: "warn",
    text: "this system's resolver doesn't know *.localhost: browsers and curl do, Node, Python and psql don't",
    fix: `services are handed addresses instead; for names everywhere: ${localNamesAdvice()}`,
  };
}

function ipv6(): Finding {
  const has = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
  if (has) return { check: "ipv6", verdict: "ok", text: "the door answers at [::1] too" };
  return { check: "ipv6", verdict: "warn", text: "no IPv6 loopback: the door answers at 127.0.0.1 alone" };
}

function peers(): Finding {
  const check = "peers";
  if (machine.peer !== undefined)
    return { check, verdict: "ok", text: "door and relays know whose each connection is" };
  return {
    check,
    verdict: "warn",
    text: "this system can't say whose a connection is: users of this machine can't be distinguished",
    fix: "give the services passwords of their own where others use this machine",
  };
}

function ephemeralRange(): Finding {
  const check = "ports";
  const [first, last] = LEASE_RANGE;
  try {
    const [, high = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").trim().split(/\s+/).map(Number);
    if (high < first)
      return {
        check,
        verdict: "ok",
        text: `leases (${first}–${last}) lie above the ports that the system gives out (to ${high})`,
      };
    return {
      check,
      verdict: "warn",
      text: `the system gives out ports up to ${high}, leases begin at ${first}`,
      fix: `sysctl net.ipv4.ip_local_port_range="32768 ${first - 1}"`,
    };
  } catch {
    return { check, verdict: "ok", text: `leases come from ${first}–${last}` };
  }
}

async function database(): Promise<Finding> {
  const problem = await postgresProblem();
  if (problem === null) return { check: "postgres", verdict: "ok", text: "the embedded Postgres can run here" };
  return fromFault("postgres", problem, "warn");
}

/** Each store and each program, as `cove trust` shows them; where nothing was trusted yet, that alone. */
async function trust(): Promise<Finding[]> {
  const check = "trust";
  if (folderFault() !== null) return [];
  const folder = stateFolder();
  const authority = readAuthority(folder);
  if (isFault(authority)) return [fromFault(check, authority)];
  const ends = "https works at the door, and browsers warn of it";
  if (authority === null || readTrustRecord(folder) === null) {
    return [{ check, verdict: "ok", text: `${ends}: nothing trusts Cove's certificates yet`, fix: "cove trust" }];
  }
  const where = surroundings();
  const stores = lookAtStores(rootOf(authority, folder), where).map(({ row }): Finding => {
    const { store, state, lacks } = row;
    if (state === "trusted") return { check, verdict: "ok", text: `${store} has Cove's certificate` };
    return { check, verdict: "warn", text: `${store} doesn't have Cove's certificate`, fix: lacks ?? "cove trust" };
  });
  const proofs = await prove(folder, where, false);
  if (isFault(proofs)) return [...stores, fromFault(check, proofs, "warn")];
  return [
    ...stores,
    ...proofs.map(({ tool, trusts, hint }): Finding => {
      const text = `${tool} ${verdictOf(trusts)}`;
      if (trusts !== false || hint !== null) return { check, verdict: "ok", text, ...(hint !== null && { fix: hint }) };
      return { check, verdict: "warn", text, fix: "cove trust" };
    }),
  ];
}

function fromFault(check: string, { message, hint }: Fault, verdict: Verdict = "fail"): Finding {
  return { check, verdict, text: message, ...(hint !== undefined && { fix: hint }) };
}
