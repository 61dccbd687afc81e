import { isUnspecified, unmapped } from "../../../address/classify.ts";
import { explainAddress } from "../../../address/explain-address.ts";
import { explainPort } from "../../../address/explain-port.ts";
import { DOOR_PORT } from "../../../address/ports.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { machine } from "../../../machine/machine.ts";
import { ownAddresses } from "../../../machine/own-addresses.ts";
import { whoAnswers } from "../../../machine/who-answers.ts";
import { gatherRows, heldRow } from "../../../ports/gather.ts";
import { type Look, takeLook } from "../../../ports/look.ts";
import { publishedRows } from "../../../ports/published.ts";
import type { PortRow } from "../../../ports/row.ts";
import { coveKnowledge } from "../ports/cove-uses.ts";
import type { Client, Explanation } from "./explanation.ts";
import { readHostsFile } from "./hosts-file.ts";
import { nextSteps, TOUR } from "./next-steps.ts";
import { doorSubject, type Resolving, resolveSubject, type Subject } from "./subject.ts";
import type { Target } from "./target.ts";
import { thisProject } from "./this-project.ts";
import { findTroubles } from "./troubles.ts";
import { resolveName, whereaboutsOf } from "./whereabouts.ts";

/** Clients that are named; there may be thousands. */
const MOST_CLIENTS = 20;

/** Looks at everything that a target touches. Faults: NAME_UNKNOWN, and USAGE for a pid that nobody has. */
export async function examine(
  target: Exclude<Target, { kind: "range" | "network" }>,
  options: { readonly probe: boolean; readonly cwd: string },
): Promise<Explanation | Fault> {
  const knowledge = await coveKnowledge();
  const look = await takeLook();
  const resolving = { knowledge, hostsFile: readHostsFile() };
  const notes = knowledge.note === null ? [] : [knowledge.note];
  if (target.kind === "pid") return examineProcess(target.pid, look, resolving, notes);
  const found = target.kind === "own" ? doorSubject(resolving) : resolveSubject(target, resolving);
  if (isFault(found)) return found;
  const asking = found.host !== null && found.addresses.length === 0;
  const subject = asking ? { ...found, addresses: await resolveName(found.host) } : found;
  const where = whereaboutsOf(subject.host, subject.addresses, ownAddresses());

  const { host, port, use, behind, addresses } = subject;
  // What listens here is not what answers on another machine.
  const here = where.machine === "this" || where.machine === "both";
  const listeners = here ? await rowsOf(port, look, resolving) : [];
  const held = listeners.map(heldRow);
  const asked = (host === null ? addresses : where.own).map((ip) =>
    isUnspecified(ip) ? (ip.includes(":") ? "::1" : "127.0.0.1") : ip,
  );
  const reached = asked.map((ip) => whoAnswers(ip, held).map(({ row }) => row));
  const answering = host === null ? listeners : [...new Set(reached.flat())];
  const unanswered = asked.filter((_, at) => reached[at]?.length === 0);
  const facts = { subject, listeners, answering, unanswered, where };
  const probed = options.probe ? await askIt(subject, answering) : null;
  const troubles = [
    ...findTroubles(facts),
    ...(isFault(probed) ? [{ code: "unprobed", text: `It wasn't probed: ${probed.message}.` } as const] : []),
  ];
  const tour =
    host === "127.0.0.1" &&
    (use?.use === "door" || (port === DOOR_PORT && listeners.length === 0)) &&
    !troubles.some(({ code }) => code === "stranger");
  if (tour && port !== knowledge.doorPort) notes.push(`Here Cove's door is at 127.0.0.1:${knowledge.doorPort}.`);
  return {
    about: subject.called,
    title: titleOf(subject),
    tour,
    address: host === null ? null : explainAddress(host),
    where,
    resolvesTo: addresses.filter((ip) => ip !== host),
    port:
      port === null
        ? null
        : explainPort(port, { ephemeral: machine.ephemeralRange(), unprivilegedFrom: machine.unprivilegedFrom() }),
    cove: use,
    behind,
    project: target.kind === "own" ? await thisProject(options.cwd, knowledge) : null,
    process: null,
    ancestors: [],
    listeners,
    answering,
    clients: port === null ? [] : clientsOf(port, look, here ? null : where.others),
    probe: probed === null || isFault(probed) ? null : probed,
    troubles,
    next: tour ? TOUR : nextSteps(facts, troubles, options.probe),
    notes,
  };
}

async function rowsOf(port: number | null, look: Look, { knowledge }: Resolving): Promise<PortRow[]> {
  if (port === null || port === 0) return [];
  const rows = gatherRows(machine.listeners(port), "tcp", look, knowledge.uses);
  return publishedRows(rows, look.containers, false).filter((row) => row.port === port);
}

function titleOf({ use }: Subject): string | null {
  if (use === null) return null;
  if (use.use === "service") return `${use.label}, a service of Cove's`;
  if (use.use === "edge") return `${use.label}, an edge of ${use.stack}: ${use.from} reaches ${use.to} here`;
  return use.use === "lease"
    ? `${use.label.replace("lease: ", "kept by Cove for ")}`
    : use.use === "alias"
      ? `alias ${use.label}`
      : use.label;
}

/** Who has a connection to the port now, here or at `others`; the servers' own ends of them aren't told. */
function clientsOf(port: number, look: Look, others: readonly string[] | null): Client[] {
  return machine
    .connections(port)
    .filter(({ remote }) => remote.port === port && (others === null || others.includes(unmapped(remote.host))))
    .slice(0, MOST_CLIENTS)
    .map(({ local, pids }) => ({
      host: local.host,
      port: local.port,
      process: pids[0] === undefined ? null : look.facts(pids[0]),
    }));
}

/** Asks the first listener on loopback what it is. */
async function askIt({ port, host, scheme, behind, use }: Subject, answering: readonly PortRow[]) {
  const { probe } = await import("../../../machine/probe/probe.ts");
  const [row] = answering;
  if (port === null || row === undefined) return fault("UNSUPPORTED", "nobody answers there");
  const ip = isUnspecified(row.host) ? (row.host.includes(":") && row.v6only === true ? "::1" : "127.0.0.1") : row.host;
  const name = host === null || host === ip ? undefined : `${host}:${port}`;
  const what = `${scheme ?? ""} ${row.process?.program ?? ""} ${use?.use === "service" ? use.kind : ""} ${port}`;
  const likely =
    behind === null && /postgres|\b5432\b/.test(what)
      ? "postgres"
      : behind === null && /redis|valkey|\b6379\b/.test(what)
        ? "redis"
        : /https|wss|\b8?443\b/.test(what)
          ? "tls"
          : undefined;
  return probe({ host: ip, port }, { ...(name !== undefined && { name }), likely });
}

function examineProcess(
  pid: number,
  look: Look,
  { knowledge }: Resolving,
  notes: readonly string[],
): Explanation | Fault {
  const facts = look.facts(pid);
  if (facts === null) {
    return fault("USAGE", `there is no process with pid ${pid}`, "see who listens with: cove ports", { pid });
  }
  const rows = gatherRows(
    machine.listeners().filter(({ pids }) => pids.includes(pid)),
    "tcp",
    look,
    knowledge.uses,
  );
  const ancestors = look
    .line(pid)
    .slice(1)
    .flatMap((one) => look.facts(one) ?? []);
  const [first] = rows;
  const cove = rows.find((row) => row.cove !== null)?.cove ?? null;
  return {
    about: `pid ${pid}`,
    title: cove?.label ?? null,
    tour: false,
    address: null,
    where: null,
    resolvesTo: [],
    port: null,
    cove,
    behind: null,
    project: null,
    process: facts,
    ancestors,
    listeners: rows,
    answering: rows,
    clients: [],
    probe: null,
    troubles: [],
    next:
      first === undefined
        ? [{ command: "cove ports --tree", why: "who listens, by project and parent process" }]
        : [
            { command: `cove explain ${first.port}`, why: "the port that it listens on" },
            { command: `cove free ${first.port}`, why: "end it: it asks first" },
          ],
    notes,
  };
}
