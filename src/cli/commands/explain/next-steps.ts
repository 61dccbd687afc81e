import { isLoopback, isUnspecified } from "../../../address/classify.ts";
import { formatAddress } from "../../../address/parse.ts";
import { shortPath } from "../ports/words.ts";
import type { NextStep, Trouble } from "./explanation.ts";
import type { TroubleFacts } from "./troubles.ts";

/** The tour's five commands. */
export const TOUR: readonly NextStep[] = [
  { command: "cove run -- npm run dev", why: "any dev server, under its own name" },
  { command: "cove up", why: "every service of a cove.config.ts, what it needs first" },
  { command: "cove", why: "what runs, where, and how it is" },
  { command: "cove open", why: "the dashboard in the browser" },
  { command: "cove ports", why: "who else listens on this machine, and who can reach it" },
];

/** The exact commands to go on with, at most four, the most fitting first. */
export function nextSteps(
  { subject, listeners, answering, where }: TroubleFacts,
  troubles: readonly Trouble[],
  probed: boolean,
): NextStep[] {
  const { use, port, host } = subject;
  const has = (code: Trouble["code"]) => troubles.some((trouble) => trouble.code === code);
  const steps: NextStep[] = [];
  const add = (command: string, why: string) => steps.push({ command, why });

  if (where.machine === "other" || where.machine === "unknown") {
    if (port !== null) add(`cove explain ${port}`, "the same port on this machine");
    else add("cove ports", "who listens on this machine");
    if (where.machine === "unknown") add(resolveCommand(host ?? ""), "ask the system's resolver for its address");
    return steps;
  }
  if (use?.use === "service") {
    if (has("not-ready")) add(`cove logs ${use.stack}/${use.service}`, "why it isn't ready");
    if (use.url.startsWith("http")) add(`cove open ${use.stack}/${use.service}`, "open it in the browser");
    else add(`cove url ${use.stack}/${use.service}`, "its address with credentials");
    if (!has("not-ready")) add(`cove logs ${use.stack}/${use.service}`, "what it writes");
    add(`cove restart ${use.stack}/${use.service}`, "start it again");
  }
  if (use?.use === "edge") {
    add(`cove explain ${use.to}`, "the service that it leads to");
    add(`cove logs ${use.stack}/${use.from}`, "what the one who calls writes");
  }
  if (use?.use === "alias") add(`cove alias --remove ${use.label}`, "remove the name");
  if (use?.use === "lease" && has("not-running")) {
    add(`cove -C ${shortPath(use.root)} up`, "start what the port is kept for");
    add(`cove -C ${shortPath(use.root)} lease --release ${use.holder}`, "give the port up");
  }
  if (has("stranger") && port !== null) {
    add(`cove free ${port}`, "end what holds it: it asks first");
    if (use?.use === "door") add(`COVE_PORT=${port === 65535 ? 62893 : port + 1} cove up`, "or move Cove's door");
  }
  const [open] = answering;
  const elsewhere = listeners.find(({ host: other }) => isLoopback(other) || isUnspecified(other));
  if (has("other-address") && elsewhere !== undefined) {
    const reachable = isUnspecified(elsewhere.host)
      ? elsewhere.host.includes(":")
        ? "::1"
        : "127.0.0.1"
      : elsewhere.host;
    add(`cove explain ${formatAddress({ host: reachable, port: elsewhere.port })}`, "the address that answers");
  }
  if (has("nobody-listens") && port !== null) {
    add("cove ports", "what listens at all; perhaps it took another port");
    add(`cove run --port ${port} -- <command>`, "start a server here, under a name");
  }
  if (open !== undefined && use === null && port !== null) {
    if (has("exposed")) add("cove ports --exposed", "all that others can reach");
    if (!probed && isLocal(host)) add(`cove explain ${shownAs(host, port)} --probe`, "probe what it is");
    add(`cove free ${port}`, "end it: it asks first");
    add(`cove alias <name> ${port}`, "give it a name: http://<name>.localhost");
  }
  if (port === null && host !== null && isLocal(host)) add("cove ports", "who listens on this machine");
  return steps.slice(0, 4);
}

function resolveCommand(name: string): string {
  return process.platform === "linux" ? `getent ahosts ${name}` : `nslookup ${name}`;
}

function isLocal(host: string | null): boolean {
  return host === null || isLoopback(host) || isUnspecified(host);
}

function shownAs(host: string | null, port: number): string {
  return host === null ? String(port) : formatAddress({ host, port });
}
