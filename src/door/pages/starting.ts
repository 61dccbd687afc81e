import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { commands, logTail } from "./html.ts";
import { serviceName } from "./who.ts";

/** 503: the service is starting and the wait is over. The page looks again by itself. */
export function starting(facts: PageFacts): PageContent {
  const service = serviceName(facts);
  return {
    status: 503,
    tone: "calm",
    title: `${service} is still starting`,
    fault: fault("SERVICE_STARTING", `${service} is not ready yet`, `see: cove logs ${service}`, { service }),
    body: `<p>This page looks again by itself.</p>${logTail(facts.log)}${commands("Watch it", `cove logs -f ${service}`)}`,
    refresh: 2,
  };
}
