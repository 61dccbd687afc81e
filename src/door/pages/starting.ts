import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { commands, logTail } from "./html.ts";
import { serviceName } from "./who.ts";

/** 503: the service is starting and the wait is over. */
export function starting(facts: PageFacts): PageContent {
  const service = serviceName(facts);
  return {
    status: 503,
    tone: "calm",
    title: `${service} is still starting`,
    fault: fault("SERVICE_STARTING", `${service} is not ready yet`, `see: cove logs ${service}`, { service }),
    body: `${logTail(facts.log)}${commands("Watch it", `cove logs -f ${service}`)}`,
    reload: { after: "", pause: 2 },
  };
}
