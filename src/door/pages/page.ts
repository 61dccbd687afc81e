import type { Fault } from "../../fault/fault.ts";
import { badRequest } from "./bad-request.ts";
import { down } from "./down.ts";
import type { PageContent, PageFacts } from "./facts.ts";
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

export interface Page {
  readonly status: number;
  readonly fault: Fault;
  /** A whole document: one style sheet in it, no scripts, nothing from elsewhere. */
  readonly html: string;
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
