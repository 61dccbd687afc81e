import type { Fault } from "../../fault/fault.ts";
import { badRequest } from "./bad-request.ts";
import { down } from "./down.ts";
import type { PageContent, PageFacts } from "./facts.ts";
import { escapeHtml } from "./html.ts";
import { loop } from "./loop.ts";
import { noAnswer } from "./no-answer.ts";
import { refused } from "./refused.ts";
import { reloadTags } from "./reload.ts";
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
  /** A whole document: one style sheet in it, at most the script of reload.ts, nothing from elsewhere. */
  readonly html: string;
}

/** The door's own answer where no service gives one: what is wrong, and the next step. */
export function page(kind: PageKind, facts: PageFacts): Page {
  const content = PAGES[kind](facts);
  return { status: content.status, fault: content.fault, html: frame(content, facts) };
}

function frame(
  { status, fault: { fault: code }, title, tone, body, reload }: PageContent,
  { port, repeatable }: PageFacts,
): string {
  // Of a page that answers a POST the browser would ask whether to send that again.
  const reloads = reload !== undefined && repeatable === true;
  const name = `${MARK}<span>Cove</span>`;
  const home =
    port === undefined
      ? `<span class="home">${name}</span>`
      : `<a class="home" href="//cove.localhost:${port}/" title="All services">${name}</a>`;
  return (
    `<!doctype html><html lang="en"${reloads ? ` data-after="${reload.after}"` : ""}><head><meta charset="utf-8">` +
    '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">' +
    (reloads ? reloadTags(reload.pause) : "") +
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body>${BAY}<main>${home}` +
    `<p class="status ${tone}">${status}<code>${code}</code></p><h1>${escapeHtml(title)}</h1>${body}${reloads ? '<p class="soft again">This page reloads by itself once it answers.</p>' : ""}</main></body></html>\n`
  );
}
