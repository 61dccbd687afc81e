import { stripVTControlCharacters } from "node:util";
import type { FaultCode } from "../../fault/codes.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { MARK, STYLE } from "./style.ts";

export type PageKind = "unknown-name" | "starting" | "down" | "gateway" | "timeout" | "loop" | "bad-request";

/** What a page may speak of. Everything in it comes from outside, and is escaped. */
export interface PageFacts {
  /** The Host asked for, as it came. */
  readonly host: string;
  /** The door's port. */
  readonly port?: number;
  /** Names that exist at the door. */
  readonly names?: readonly string[];
  /** `shop/web`. */
  readonly service?: string;
  readonly log?: readonly string[];
  readonly cause?: Fault | null;
  readonly reason?: string;
  /** For `bad-request`: the status that fits. */
  readonly status?: number;
}

export interface Page {
  readonly status: number;
  readonly fault: Fault;
  readonly html: string;
}

interface Content {
  readonly status: number;
  readonly fault: Fault;
  readonly title: string;
  /** HTML, escaped already. */
  readonly text: string;
  readonly refresh?: boolean;
}

/** The door's own answer where no service gives one: what is wrong, and the next step. */
export function page(kind: PageKind, facts: PageFacts): Page {
  const content = CONTENTS[kind](facts);
  return { status: content.status, fault: content.fault, html: layout(content) };
}

const CONTENTS: Record<PageKind, (facts: PageFacts) => Content> = {
  "unknown-name": (facts) => {
    const names = (facts.names ?? []).filter((name) => !OWN_NAMES.has(name));
    const near = nearest(plain(facts.host), names);
    const hint = near === null ? "start it with: cove run -- <command>" : `did you mean ${near}?`;
    const url = (name: string) => `http://${name}${facts.port === undefined ? "" : `:${facts.port}`}/`;
    const listed = names.filter((name) => !name.startsWith("*"));
    return {
      status: 421,
      fault: fault("NAME_UNKNOWN", `no service is called ${facts.host}`, hint, { host: facts.host, names }),
      title: `Nothing is called ${plain(facts.host)} here`,
      text:
        (near === null || near.startsWith("*")
          ? ""
          : `<p>Did you mean <a href="${escapeHtml(url(near))}">${escapeHtml(near)}</a>?</p>`) +
        (listed.length === 0
          ? `<p class="quiet">No service has a name yet.</p>`
          : `<h2>Names that exist</h2><ul>${listed.map((name) => `<li><a href="${escapeHtml(url(name))}">${escapeHtml(name)}</a></li>`).join("")}</ul>`) +
        next(
          "Give a service this name",
          `cove run --name ${firstLabel(facts.host)} -- npm run dev`,
          `cove alias ${firstLabel(facts.host)} 3000`,
        ),
    };
  },
  starting: (facts) => ({
    status: 503,
    fault: fault("SERVICE_STARTING", `${name(facts)} is not ready yet`, `see: cove logs ${short(facts)}`, {
      service: name(facts),
    }),
    title: `${name(facts)} is still starting`,
    text: `<p>This page looks again every two seconds.</p>${log(facts)}${next("Watch it", `cove logs -f ${short(facts)}`)}`,
    refresh: true,
  }),
  down: (facts) => ({
    status: 502,
    fault: fault(
      "UPSTREAM_DOWN",
      facts.cause?.message ?? `${name(facts)} does not answer`,
      facts.cause?.hint ?? `start it again with: cove restart ${short(facts)}`,
      { service: name(facts) },
    ),
    title: `${name(facts)} is down`,
    text:
      cause(facts) +
      log(facts) +
      next("Start it again, or see why", `cove restart ${short(facts)}`, `cove logs ${short(facts)}`),
  }),
  gateway: (facts) => ({
    status: 502,
    fault: fault(
      "UPSTREAM_DOWN",
      `${name(facts)} gave no proper answer${because(facts)}`,
      `see: cove logs ${short(facts)}`,
      { service: name(facts) },
    ),
    title: `${name(facts)} gave no proper answer`,
    text: `<p>It took the request, then ${facts.reason === "EPROTO" ? "said something that is not HTTP" : "ended the connection without an answer"}.</p>${log(facts)}${next("See why", `cove logs ${short(facts)}`)}`,
  }),
  timeout: (facts) => ({
    status: 504,
    fault: fault(
      "UPSTREAM_DOWN",
      `${name(facts)} did not take the connection in time`,
      `see: cove logs ${short(facts)}`,
      { service: name(facts) },
    ),
    title: `${name(facts)} did not take the connection in time`,
    text: log(facts) + next("See why", `cove logs ${short(facts)}`),
  }),
  loop: (facts) => ({
    status: 508,
    fault: fault(
      "LOOP_DETECTED",
      `the request for ${facts.host} came back to Cove`,
      "let the service ask the edge's address that it was given, not the name",
      { host: facts.host },
    ),
    title: "The request went round in a circle",
    text: `<p>A service passed the request for <code>${escapeHtml(facts.host)}</code> back to Cove, unchanged. A dev server's proxy setting that names <code>${escapeHtml(plain(facts.host))}</code> itself does that.</p>${next("Ask the other service by the address that Cove hands over", "proxy: { '/api': process.env.API_URL }")}`,
  }),
  "bad-request": (facts) => ({
    status: facts.status ?? 400,
    fault: fault(
      codeOf(facts),
      `the request was refused: ${facts.reason ?? "it breaks HTTP's rules"}`,
      "RFC 9112 says how a request is written",
    ),
    title: "That request can't be passed on",
    text: `<p>It holds ${escapeHtml(facts.reason ?? "something that breaks HTTP's rules")}. Cove forwards only what every server behind it reads in the same way.</p>`,
  }),
};

const OWN_NAMES = new Set(["127.0.0.1", "localhost", "[::1]", "::1", "cove.localhost"]);

function codeOf(facts: PageFacts): FaultCode {
  return facts.reason?.includes("Host") ? "HOST_MISSING" : "REQUEST_INVALID";
}

function layout({ status, fault: { fault: code }, title, text, refresh }: Content): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${refresh ? '<meta http-equiv="refresh" content="2">' : ""}<title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${MARK}<p class="code">${status} · ${code}</p><h1>${escapeHtml(title)}</h1>${text}</main></body></html>\n`;
}

function cause({ cause }: PageFacts): string {
  if (cause === null || cause === undefined) return "";
  return `<p>${escapeHtml(stripVTControlCharacters(cause.message)).replaceAll("\n", "<br>")}</p>${cause.hint === undefined ? "" : `<p class="quiet">${escapeHtml(cause.hint)}</p>`}`;
}

function log({ log }: PageFacts): string {
  if (log === undefined || log.length === 0) return "";
  return `<h2>Last lines of its log</h2><pre class="log">${log.map((line) => escapeHtml(stripVTControlCharacters(line))).join("\n")}</pre>`;
}

function next(title: string, ...commands: string[]): string {
  return `<h2>${escapeHtml(title)}</h2><pre>${commands.map(escapeHtml).join("\n")}</pre>`;
}

function because({ reason }: PageFacts): string {
  return reason === undefined ? "" : ` (${reason})`;
}

function name(facts: PageFacts): string {
  return facts.service ?? plain(facts.host);
}

/** `web` of `shop/web`: what commands take. */
function short(facts: PageFacts): string {
  return name(facts).split("/").at(-1) ?? "";
}

function plain(host: string): string {
  return host.toLowerCase().replace(/:[0-9]*$/, "");
}

/** The first label, if it is one that may stand in a command. */
function firstLabel(host: string): string {
  const label = plain(host).split(".")[0] ?? "";
  return /^[a-z0-9][a-z0-9-]*$/.test(label) ? label : "my-app";
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** The name with the fewest edits to it, if they are few. */
function nearest(wanted: string, names: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(wanted.length / 4)) + 1;
  for (const candidate of names) {
    const distance = edits(wanted, candidate, least);
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

/** Levenshtein's distance; `most` where it is that or more. */
function edits(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) >= most) return most;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= to.length; j++) {
      const swap = (above[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (above[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
  }
  return Math.min(row[to.length] ?? most, most);
}
