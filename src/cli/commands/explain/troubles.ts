import { isUnspecified } from "../../../address/classify.ts";
import { formatAddress } from "../../../address/parse.ts";
import { DOOR_PORT } from "../../../address/ports.ts";
import { portConflicts } from "../../../machine/port-conflicts.ts";
import { heldRow } from "../../../ports/gather.ts";
import type { PortRow } from "../../../ports/row.ts";
import { shortCommand } from "../ports/words.ts";
import type { Trouble } from "./explanation.ts";
import type { Subject } from "./subject.ts";
import type { Whereabouts } from "./whereabouts.ts";

/** What troubles are found from. */
export interface TroubleFacts {
  readonly subject: Subject;
  /** TCP listeners of the port. */
  readonly listeners: readonly PortRow[];
  /** Those that a connection to the subject's addresses reaches. */
  readonly answering: readonly PortRow[];
  /** Addresses of the subject that nobody answers at. */
  readonly unanswered: readonly string[];
  /** On which machine the subject's addresses are. */
  readonly where: Whereabouts;
}

/** What is wrong, or may go wrong, with an address: the most pressing first. */
export function findTroubles(facts: TroubleFacts): Trouble[] {
  const { subject, listeners } = facts;
  if (subject.port === null || subject.port === 0) return [];
  const { machine } = facts.where;
  if (machine === "other" || machine === "unknown") return elsewhere(facts);
  return [...stranger(facts), ...silence(facts), ...notReady(subject), ...clashes(listeners), ...exposed(listeners)];
}

/** Nothing of this machine answers there, whatever listens here on the same port. */
function elsewhere({ subject: { host, port }, where }: TroubleFacts): Trouble[] {
  if (where.machine === "unknown") return [];
  const text = `${host} is not this machine: what listens here on port ${port} doesn't answer there, and Cove can't see what does.`;
  return [{ code: "elsewhere", text }];
}

/** Cove has the address for someone else than who listens there. */
function stranger({ subject: { use, port, behind }, listeners }: TroubleFacts): Trouble[] {
  const [first] = listeners;
  if (use === null || use.use === "alias" || behind !== null || first === undefined) return [];
  const known = listeners.some(({ cove }) => cove !== null && cove.use !== "lease");
  if (known) return [];
  const who = holder(first);
  if (use.use === "door") {
    return [
      { code: "stranger", text: `Port ${port} is where Cove's door would be, but ${who} holds it: Cove can't start.` },
    ];
  }
  if (use.use === "lease") {
    return [
      {
        code: "stranger",
        text: `Cove keeps port ${port} for ${use.label.replace("lease: ", "")}, whose stack doesn't run; ${who} listens there meanwhile. If that isn't its service, the stack can't start on it.`,
      },
    ];
  }
  return [{ code: "stranger", text: `Port ${port} is ${use.label}'s, but ${who} holds it.` }];
}

/** Nobody answers: either nobody listens at all, or on another address. */
function silence({ subject, listeners, answering, unanswered }: TroubleFacts): Trouble[] {
  const { port, use, host, addresses } = subject;
  if (listeners.length === 0) {
    if (use?.use === "lease") {
      const what = use.label.replace("lease: ", "");
      return [
        {
          code: "not-running",
          text: `The port is kept for ${what}, which isn't running: connecting gives “connection refused”.`,
        },
      ];
    }
    if (use?.use === "door" || port === DOOR_PORT) {
      return [{ code: "not-running", text: "Cove isn't running; any command that needs it starts it." }];
    }
    return [
      {
        code: "nobody-listens",
        text: `Nobody listens on port ${port}: connecting gives “connection refused” (ECONNREFUSED), because the system itself refuses the connection. The server isn't started, ended at its start, or listens on another port.`,
      },
    ];
  }
  if (host === null || addresses.length === 0) return [];
  if (answering.length === 0) {
    const others = listeners.map((row) => formatAddress(row)).join(", ");
    const family = listeners.every((row) => row.host.includes(":"))
      ? "IPv6"
      : listeners.every((row) => !row.host.includes(":"))
        ? "IPv4"
        : null;
    const asked = addresses[0]?.includes(":") ? "IPv6" : "IPv4";
    const why =
      family !== null && family !== asked
        ? `${holder(listeners[0])} listens over ${family} only (${others}), and this address is ${asked}: connecting is refused. Programs that say localhost may mean either.`
        : `${holder(listeners[0])} listens on ${others} only: connecting to ${host} is refused.`;
    return [{ code: "other-address", text: why }];
  }
  const [missing] = unanswered;
  if (addresses.length > 1 && missing !== undefined) {
    const at = answering.map((row) => formatAddress(row)).join(", ");
    const text = `${host} stands for ${addresses.join(" and ")}, but only ${at} answers: a program that tries ${missing} alone is refused.`;
    return [{ code: "half-of-localhost", text }];
  }
  return [];
}

function notReady({ use }: Subject): Trouble[] {
  if (use?.use !== "service" || use.state === "ready" || use.state === "completed") return [];
  return [{ code: "not-ready", text: `${use.label} is ${use.state}: it doesn't answer yet, or not any more.` }];
}

function clashes(listeners: readonly PortRow[]): Trouble[] {
  return portConflicts(listeners.map(heldRow)).flatMap(({ kind, between }) => {
    if (kind === "apart") return [];
    const who = between.map(({ row }) => `${holder(row)} on ${formatAddress(row)}`).join(", ");
    const texts = {
      localhost: [
        "localhost-split",
        `localhost means different processes over IPv4 and IPv6: ${who}. Say which one you mean.`,
      ],
      shared: ["shared", `Several processes share this address, and each connection goes to one of them: ${who}.`],
      shadowed: [
        "shadowed",
        `Two processes listen here, and the one on the narrower address gets its connections: ${who}.`,
      ],
    } as const;
    const [code, text] = texts[kind];
    return [{ code, text }];
  });
}

function exposed(listeners: readonly PortRow[]): Trouble[] {
  const open = listeners.filter(({ exposure }) => exposure !== "loopback");
  const [first] = open;
  if (first === undefined) return [];
  const where = isUnspecified(first.host) ? "on every address of this machine" : `on ${first.host}`;
  const text = `${holder(first)} listens ${where}: other machines can reach it, unless a firewall keeps them out. If it is for you alone, let it listen on 127.0.0.1.`;
  return [{ code: "exposed", text }];
}

function holder(row: PortRow | undefined): string {
  if (row === undefined) return "A process";
  const { process, user, container } = row;
  if (container !== null) return `container ${container.name ?? container.id}`;
  if (process === null) return user === null ? "another user's process" : `a process of ${user}`;
  return `${shortCommand(process, 40)} (pid ${process.pid})`;
}
