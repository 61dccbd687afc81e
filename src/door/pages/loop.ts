import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { commands, escapeHtml } from "./html.ts";
import { plainHost } from "./who.ts";

/** 508: the request carries this door's own mark already. */
export function loop(facts: PageFacts): PageContent {
  const host = `<code>${escapeHtml(plainHost(facts.host))}</code>`;
  return {
    status: 508,
    tone: "bad",
    title: "The request went round in a circle",
    fault: fault(
      "LOOP_DETECTED",
      `the request for ${facts.host} came back to Cove`,
      "let the service ask the edge's address that it was given, not the name",
      { host: facts.host },
    ),
    body:
      `<p>A service passed the request for ${host} back to Cove with that name still on it. ` +
      "A dev server's proxy that keeps the Host of what it forwards does that.</p>" +
      "<p>Let it ask the other service at the address that Cove put into its environment, " +
      `for example <code>API_URL</code>; or let it send the other name (in Vite: <code>changeOrigin: true</code>).</p>` +
      commands("See which addresses it was given", "cove open"),
  };
}
