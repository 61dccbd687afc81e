import type { FaultCode } from "../../fault/codes.ts";
import { fault } from "../../fault/fault.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { paragraph } from "./html.ts";

/** What each status says, and what helps. */
const SAYINGS: Readonly<Record<number, readonly [title: string, hint: string]>> = {
  400: [
    "That request can't be passed on",
    "Cove forwards only what every server behind it reads in the same way (RFC 9112)",
  ],
  405: [
    "That method is not for this door",
    "CONNECT asks for a forward proxy; ask for the service by its name instead",
  ],
  408: ["The request took too long to arrive", "send it again, whole"],
  413: ["The request's body is too large", "send less at once"],
  414: ["The address is too long", "put what it carries into the request's body"],
  417: ["That expectation can't be met", "100-continue is the only one that HTTP knows (RFC 9110 §10.1.1)"],
  431: [
    "The request's headers are too large",
    "often it's cookies: localhost's are shared by every port, so clear them for this site",
  ],
  501: ["That transfer coding is not known here", "send the body chunked, or with its Content-Length"],
  505: ["That version of HTTP is not spoken here", "use HTTP/1.1"],
};
const USUAL = SAYINGS[400] ?? ["", ""];

/** 4xx and 5xx for what is no proper request: nothing of it reaches a service. */
export function badRequest(facts: PageFacts): PageContent {
  const status = facts.status ?? 400;
  const reason = facts.reason ?? "something that breaks HTTP's rules";
  const [title, hint] = SAYINGS[status] ?? USUAL;
  return {
    status,
    tone: "ask",
    title,
    fault: fault(codeOf(reason), `the request was refused: ${reason}`, hint),
    body: paragraph(`It was refused for ${reason}.`) + paragraph(`${hint[0]?.toUpperCase()}${hint.slice(1)}.`, "soft"),
  };
}

function codeOf(reason: string): FaultCode {
  return reason.includes("Host") ? "HOST_MISSING" : "REQUEST_INVALID";
}
