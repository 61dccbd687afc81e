import type { Fault } from "../../fault/fault.ts";
import type { GuardRefusal } from "../../guard/refusal.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { badRequest } from "./bad-request.ts";
import { down } from "./down.ts";
import { escapeHtml } from "./html.ts";
import { loop } from "./loop.ts";
import { noAnswer } from "./no-answer.ts";
import { refused } from "./refused.ts";
import { starting } from "./starting.ts";
import { BAY, MARK, STYLE } from "./style.ts";
import { unknownName } from "./unknown-name.ts";

/** Each kind of page: a function of the facts. */
const PAGES = {
  "unknown-name": unknownName,
  starting,
  down,
  gateway: noAnswer,
  timeout: (facts: PageFacts) => noAnswer({ ...facts, reason: "ETIMEDOUT" }),
  loop,
  refused,
  "bad-request": badRequest,
} satisfies Record<string, (facts: PageFacts) => PageContent>;

export type PageKind = keyof typeof PAGES;

/** What a page may speak of. Everything in it may come from outside, and is escaped. */
export interface PageFacts {
  /** The Host asked for, as it came. */
  readonly host: string;
  /** The door's port. */
  readonly port?: number;
  /** Names that exist at the door. */
  readonly names?: readonly string[];
  /** The route's id: `shop/web`. */
  readonly service?: string;
  /** Where the service should answer. */
  readonly upstream?: Upstream;
  readonly log?: readonly string[];
  readonly cause?: Fault | null;
  /** Conditions on the way to it, and the edge that they are on. */
  readonly shape?: { readonly edge: string; readonly text: string } | null;
  /** The system's code of the failure (`ECONNREFUSED`); for `bad-request` what is wrong, in words. */
  readonly reason?: string;
  /** For `bad-request`: the status that fits. */
  readonly status?: number;
  /** For `refused`: the guard's verdict. */
  readonly refusal?: GuardRefusal;
}

export interface Page {
  readonly status: number;
  readonly fault: Fault;
  /** A whole document: one style sheet in it, no scripts, nothing from elsewhere. */
  readonly html: string;
}

/** What one kind of page says; the frame around it is the same for all. */
export interface PageContent {
  readonly status: number;
  readonly fault: Fault;
  /** Plain text. */
  readonly title: string;
  /** `calm`: wait; `ask`: something to mend in the request; `bad`: something is broken. */
  readonly tone: "calm" | "ask" | "bad";
  /** HTML, escaped already. */
  readonly body: string;
  /** Looks again after this many seconds. */
  readonly refresh?: number;
}

/** The door's own answer where no service gives one: what is wrong, and the next step. */
export function page(kind: PageKind, facts: PageFacts): Page {
  const content = PAGES[kind](facts);
  return { status: content.status, fault: content.fault, html: frame(content, facts) };
}

function frame(
  { status, fault: { fault: code }, title, tone, body, refresh }: PageContent,
  { port }: PageFacts,
): string {
  const name = `${MARK}<span>Cove</span>`;
  const home =
    port === undefined
      ? `<span class="home">${name}</span>`
      : `<a class="home" href="http://cove.localhost:${port}/" title="All services">${name}</a>`;
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">' +
    (refresh === undefined ? "" : `<meta http-equiv="refresh" content="${refresh}">`) +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${BAY}<main>${home}` +
    `<p class="status ${tone}">${status}<code>${code}</code></p><h1>${escapeHtml(title)}</h1>${body}</main></body></html>\n`
  );
}
