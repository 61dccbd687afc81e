import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { commands, logTail, paragraph } from "./html.ts";
import { aliasName, serviceName, whereItIs } from "./who.ts";

/** 502 and 504: something took the connection, or should have, and no response came of it. */
export function noAnswer(facts: PageFacts): PageContent {
  const service = serviceName(facts);
  const late = facts.reason === "ETIMEDOUT";
  const at = whereItIs(facts);
  const what = `${service} ${happened(facts)}`;
  const message = at === null ? what : `${what} (${at})`;
  if (facts.shape) return onPurpose(facts, facts.shape, late ? 504 : 502);
  const logs = aliasName(facts) === null ? `cove logs ${service}` : null;
  return {
    status: late ? 504 : 502,
    tone: "bad",
    title: late ? `${service} did not answer in time` : `${service} gave no proper answer`,
    fault: fault("UPSTREAM_DOWN", message, logs === null ? "see its own log" : `see: ${logs}`, {
      service,
      ...(facts.reason !== undefined && { reason: facts.reason }),
    }),
    body: paragraph(message) + logTail(facts.log) + (logs === null ? "" : commands("See why", logs)),
    // The same request may have been what broke it: only a new start makes it worth another try.
    ...(typeof facts.readyAt === "number" && { reload: { after: facts.readyAt, pause: 10 } }),
  };
}

/** The same while conditions are on the way: most likely they did it. */
function onPurpose(facts: PageFacts, { edge, text }: NonNullable<PageFacts["shape"]>, status: number): PageContent {
  const service = serviceName(facts);
  const message = `${service} ${happened(facts)}: ${edge} is under conditions (${text})`;
  const off = `cove shape ${edge} off`;
  return {
    status,
    tone: "bad",
    title: `No answer from ${service}: the way there is under conditions`,
    fault: fault("UPSTREAM_DOWN", message, `take them off: ${off}`, { service, edge, conditions: text }),
    body: paragraph(message) + commands("Take them off", off),
  };
}

function happened({ reason, detail }: PageFacts): string {
  switch (reason) {
    case "ETIMEDOUT":
      return "did not take the connection in time";
    case "EPROTO":
      return `answered with something that is not HTTP/1.1${detail === undefined ? "" : `: ${detail}`}`;
    case "ECONNRESET":
    case "EPIPE":
      return "broke the connection off before it answered";
    default:
      return "took the request and ended the connection without an answer";
  }
}
