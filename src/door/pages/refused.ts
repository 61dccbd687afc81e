import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { escapeHtml, paragraph } from "./html.ts";

/** 403: the guard refused what was asked. Says what, why, and the line that allows it. */
export function refused({ refusal, service = "" }: PageFacts): PageContent {
  const told = refusal?.fault ?? fault("FORBIDDEN", "the request was refused");
  const name = service.slice(service.indexOf("/") + 1);
  const allow =
    refusal?.allow === undefined
      ? paragraph(told.hint ?? "", "soft")
      : `<h2>If it is meant to be let in</h2><pre>${escapeHtml(`${name}: {\n  …\n  ${refusal.allow},\n}`)}</pre>` +
        `<p class="soft">Add that line to the service in the stack's config, then <code>cove up</code> again.</p>`;
  return {
    status: refusal?.status ?? 403,
    tone: "ask",
    title: `${name === "" ? "Cove" : name} doesn't let this in`,
    fault: told,
    body: paragraph(`${told.message[0]?.toUpperCase()}${told.message.slice(1)}.`) + allow,
  };
}
