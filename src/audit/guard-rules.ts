import type { AuditFacts, UnnamedClients } from "./facts.ts";
import type { Finding } from "./finding.ts";

const CLOSED = "They had closed their connection before Cove could look up their user";

/** Clients that the guard of a running home could not name. */
export function guardFindings({ unnamed }: AuditFacts): Finding[] {
  return unnamed.flatMap((one) => [...(one.refused > 0 ? [refused(one)] : []), ...(one.letIn > 0 ? [letIn(one)] : [])]);
}

function refused(clients: UnnamedClients): Finding {
  const { service } = clients;
  return {
    rule: "unnamed-client-refused",
    severity: "low",
    what: `${counted(clients.refused)} of ${service} could not be named and ${clients.refused === 1 ? "was" : "were"} refused`,
    why: `${CLOSED}, and ${service} is only for clients whose user is known: what they sent did not arrive.`,
    fix: howToLetIn(clients),
    where: service,
  };
}

function howToLetIn({ service, boxed, listsUsers, listsPrograms }: UnnamedClients): string {
  const wait = "let the client keep its connection open until the answer has come";
  const changes = [
    ...(boxed ? ['use guard: { bind: "fix" } instead of "box"'] : []),
    ...(listsUsers ? ["remove guard.users"] : []),
    ...(listsPrograms ? ["remove guard.programs"] : []),
  ];
  if (changes.length === 0) return wait;
  return `${wait}; or, to let in everyone on this machine, change ${service} in the stack's config: ${changes.join(", ")}`;
}

function letIn({ service, letIn: count }: UnnamedClients): Finding {
  const command = 'guard: { bind: "box" }';
  return {
    rule: "unnamed-client",
    severity: "info",
    what: `${counted(count)} of ${service} could not be named and ${count === 1 ? "was" : "were"} let in`,
    why: `${CLOSED}. Everyone on this machine can connect to the port of ${service} itself, so refusing them would protect nothing.`,
    fix: `if only known users may use it, add to the service in the stack's config: ${command}`,
    command,
    where: service,
  };
}

function counted(count: number): string {
  return count === 1 ? "1 client" : `${count} clients`;
}
