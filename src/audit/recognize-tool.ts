import type { Answer } from "../machine/probe/probe.ts";
import { DANGEROUS_TOOLS, type DangerousTool } from "./dangerous-tools.ts";
import type { AuditListener } from "./facts.ts";

/** What a listener is, by all that tells it: its process, the port that a debugger was given, what it answered. */
export function toolOf(listener: AuditListener): DangerousTool | undefined {
  const answered = byAnswer(listener.answer);
  const known = DANGEROUS_TOOLS.find((tool) => isTool(tool, listener));
  // What it answered goes before the name that its file has.
  const tool = answered ?? known;
  if (tool !== undefined) return withAnswer(tool, listener.answer);
  // A port alone says something only of a process that can't be seen.
  return listener.pid === null ? DANGEROUS_TOOLS.find(({ ports }) => ports.includes(listener.port)) : undefined;
}

function isTool(tool: DangerousTool, listener: AuditListener): boolean {
  if (tool.at !== undefined) return tool.at(listener).some(({ port }) => isThere(port, listener));
  const { names, command } = listener;
  return (
    names.some((name) => tool.program?.test(name) === true) ||
    (command !== null && tool.command?.test(command) === true)
  );
}

/** Of a debugger on a port that the system chose, only what it answers tells which of the program's ports it is. */
function isThere(port: number | null, { port: own, answer }: AuditListener): boolean {
  return port === null ? answer?.protocol === "inspector" : port === own;
}

const BY_PROTOCOL: Partial<Record<Answer["protocol"], string>> = {
  redis: "Redis",
  postgres: "PostgreSQL",
  mysql: "MySQL",
  memcached: "memcached",
  vnc: "a screen",
  inspector: "Node's inspector",
};

function byAnswer(answer: Answer | null): DangerousTool | undefined {
  if (answer === null) return undefined;
  const http = answer.protocol === "http" || answer.protocol === "tls" ? answer.http : null;
  const name = BY_PROTOCOL[answer.protocol] ?? http?.product ?? undefined;
  return name === undefined ? undefined : DANGEROUS_TOOLS.find((tool) => tool.name === name);
}

/** A server that was seen to ask for a password is a step less bad; one that didn't is as bad as can be. */
function withAnswer(tool: DangerousTool, answer: Answer | null): DangerousTool {
  if (answer?.protocol !== "redis" || tool.name !== "Redis") return tool;
  return answer.password
    ? { ...tool, exposed: "high", why: "it asks for a password, which can be guessed from the network" }
    : { ...tool, why: "it asks for no password: anyone who connects reads all keys, and writes files as its user" };
}
