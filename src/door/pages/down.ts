import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { commands, logTail, paragraph } from "./html.ts";
import { aliasName, serviceName, whereItIs } from "./who.ts";

/** 502: nothing answers at the service's address. Says why, and how to start it again. */
export function down(facts: PageFacts): PageContent {
  const service = serviceName(facts);
  const alias = aliasName(facts);
  const message = facts.cause?.message ?? `${service} does not answer: ${reason(facts)}`;
  const hint =
    facts.cause?.hint ??
    (alias === null ? `start it again with: cove restart ${service}` : "start what listens there, or move the alias");
  return {
    status: 502,
    tone: "bad",
    title: `${service} is down`,
    fault: fault("UPSTREAM_DOWN", message, hint, { service }),
    body:
      paragraph(message) +
      (facts.cause?.hint === undefined ? "" : paragraph(facts.cause.hint, "soft")) +
      logTail(facts.log) +
      (alias === null
        ? commands("Start it again, or see why it ended", `cove restart ${service}`, `cove logs ${service}`)
        : commands("Start what listens there, or point the alias at another port", `cove alias ${alias} 3000`)),
    reload: { after: "", pause: 10 },
  };
}

function reason(facts: PageFacts): string {
  const at = whereItIs(facts);
  if (at === null) return "nothing listens at its address";
  return facts.reason === undefined || /^(ECONNREFUSED|ENOENT)$/.test(facts.reason)
    ? `nothing listens at ${at}`
    : `${at} can't be reached (${facts.reason})`;
}
