import { type Fault, isFault } from "../../../src/fault/fault.ts";
import type { AuditView, EnvView, GuardView, PortsView } from "../../../src/home/view/view.ts";
import type { ExchangeDetail } from "../../../src/inspect/detail.ts";
import type { ExchangeDiff } from "../../../src/inspect/diff.ts";
import type { ExchangeSummary } from "../../../src/inspect/summary.ts";
import type { Why } from "../../../src/inspect/why/why.ts";
import type { LogLine } from "../../../src/stack/session/messages.ts";
import type { Series } from "../../../src/telemetry/series.ts";
import type { KeptLog, KeptSpan } from "../../../src/telemetry/store.ts";
import { apiUrl, request } from "./request.ts";

export type ServiceAction = "restart" | "stop" | "start";
type StackAction = "restart" | "down";

/** What can be put on a stack's edges. Own profiles come first. */
export interface Shapes {
  readonly profiles: readonly {
    readonly name: string;
    readonly source: string;
    readonly text: string;
    readonly own: boolean;
  }[];
  readonly scenarios: readonly string[];
}

/** The numbers of all exchanges; their summaries are fetched as they scroll into view. */
export interface RowsAnswer {
  readonly oldest: number;
  readonly newest: number;
  /** Null: every number from oldest to newest. */
  readonly seqs: readonly number[] | null;
  /** For each: the number of the exchange that caused it, 0 for none. Only when asked for. */
  readonly parents?: readonly number[];
  readonly total: number;
}

/** What changes when a request is sent again; what is left out stays the same. */
export interface RequestEdit {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
}

export interface Breakpoint {
  readonly id: number;
  readonly filter: string;
}

/** A request that a breakpoint holds until it is released. */
export interface Held {
  /** The exchange's. */
  readonly id: string;
  /** Epoch ms. */
  readonly since: number;
  readonly exchange: ExchangeSummary;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Null: incomplete, or not text. */
  readonly body: string | null;
}

/** An exchange's trace: what Cove saw, and what services reported. */
export interface Trace extends Exchanges {
  readonly spans: readonly KeptSpan[];
  readonly logs: readonly KeptLog[];
}

interface Exchanges {
  readonly exchanges: readonly ExchangeSummary[];
}

const stackPath = (stack: string) => `/stacks/${encodeURIComponent(stack)}`;
const servicePath = (stack: string, service: string) => `${stackPath(stack)}/services/${encodeURIComponent(service)}`;
const exchangePath = (id: string) => `/exchanges/${encodeURIComponent(id)}`;

async function pick<T extends object, K extends keyof T>(answer: Promise<T | Fault>, key: K): Promise<T[K] | Fault> {
  const got = await answer;
  return isFault(got) ? got : got[key];
}

async function done(answer: Promise<object | Fault>): Promise<Fault | null> {
  const got = await answer;
  return isFault(got) ? got : null;
}

/** The client of home's API that all pages share. Every answer may be a fault. */
export const api = {
  /** Null when home answers and knows this browser. */
  health: () => done(request("GET", apiUrl("/health"))),
  logs: (stack: string, service: string, limit: number) =>
    pick(
      request<{ lines: readonly LogLine[] }>(
        "GET",
        apiUrl(`${servicePath(stack, service)}/logs`, { limit: `${limit}` }),
      ),
      "lines",
    ),
  /** What a service measured itself; `stack` by its name. */
  metrics: (stack: string, service: string) =>
    pick(request<{ series: readonly Series[] }>("GET", apiUrl("/telemetry/metrics", { stack, service })), "series"),
  env: (stack: string, service: string) =>
    pick(request<{ env: readonly EnvView[] }>("GET", apiUrl(`${servicePath(stack, service)}/env`)), "env"),
  /** One variable's value, not redacted. */
  variable: (stack: string, service: string, name: string) =>
    pick(
      request<{ value: string }>("GET", apiUrl(`${servicePath(stack, service)}/env/${encodeURIComponent(name)}`)),
      "value",
    ),
  /** A service's URL, credentials included. */
  url: (stack: string, service: string) =>
    pick(request<{ url: string }>("GET", apiUrl(`${servicePath(stack, service)}/url`)), "url"),
  act: (stack: string, service: string, action: ServiceAction) =>
    done(request("POST", apiUrl(`${servicePath(stack, service)}/${action}`))),
  actOnStack: (stack: string, action: StackAction) => done(request("POST", apiUrl(`${stackPath(stack)}/${action}`))),

  shapes: (stack: string) => request<Shapes>("GET", apiUrl(`${stackPath(stack)}/shape`)),
  /** Puts conditions (a profile's name, or `latency=200±50 loss=2%`; empty: none) on an edge, or all to a service. */
  shape: (stack: string, target: string, conditions: string) =>
    done(request("PUT", apiUrl(`${stackPath(stack)}/shape`), { body: { target, conditions } })),
  /** Starts a scenario by name. */
  play: (stack: string, target: string, name: string) =>
    done(request("POST", apiUrl(`${stackPath(stack)}/shape/play`), { body: { target, name } })),

  /** The same object as before while nothing has changed; so for `audit` and `guard`. */
  ports: () => request<PortsView>("GET", apiUrl("/ports"), { remember: true }),
  audit: () => request<AuditView>("GET", apiUrl("/audit"), { remember: true }),
  guard: () => request<GuardView>("GET", apiUrl("/guard"), { remember: true }),

  rows: (filter: string, parents: boolean, signal: AbortSignal) =>
    request<RowsAnswer>("GET", apiUrl("/exchanges/rows", { filter, parents: parents ? "1" : "" }), { signal }),
  /** The summaries of those numbers (ascending) that are still kept, at most 500. */
  summaries: (seqs: readonly number[]) => {
    const [first = 0] = seqs;
    const last = seqs.at(-1) ?? 0;
    const inRow = last - first === seqs.length - 1;
    const query = inRow ? { from: `${first}`, to: `${last}` } : { seqs: seqs.join(",") };
    return request<Exchanges>("GET", apiUrl("/exchanges", query));
  },
  /** The last ones that match a filter, newest first. */
  lastExchanges: (filter: string, limit: number) =>
    request<Exchanges>("GET", apiUrl("/exchanges", { filter, limit: `${limit}` })),
  exchange: (id: string, reveal: boolean) =>
    request<ExchangeDetail>("GET", apiUrl(exchangePath(id), { reveal: reveal ? "1" : "" })),
  /** Where its time went, and what it waited for. */
  why: (id: string) => request<Why>("GET", apiUrl(`${exchangePath(id)}/why`)),
  trace: (id: string) => request<Trace>("GET", apiUrl(`${exchangePath(id)}/trace`)),
  /** What differs between one exchange and another. */
  diff: (before: string, after: string) =>
    request<ExchangeDiff>("GET", apiUrl(`${exchangePath(before)}/diff`, { with: after })),
  /** The exchange as a command or a call that sends the same request. */
  copyAs: (id: string, form: "curl" | "fetch", reveal: boolean) =>
    pick(
      request<{ text: string }>("GET", apiUrl(`${exchangePath(id)}/as`, { form, reveal: reveal ? "1" : "" })),
      "text",
    ),
  replay: (id: string, edit: RequestEdit) =>
    request<{ readonly id: string; readonly exchange: ExchangeSummary }>("POST", apiUrl(`${exchangePath(id)}/replay`), {
      body: edit,
    }),
  clearExchanges: () => done(request("DELETE", apiUrl("/exchanges"))),
  importHar: (file: File) => done(request("POST", apiUrl("/har", { name: file.name }), { body: file })),

  breakpoints: () =>
    pick(request<{ breakpoints: readonly Breakpoint[] }>("GET", apiUrl("/breakpoints")), "breakpoints"),
  addBreakpoint: (filter: string) => done(request("POST", apiUrl("/breakpoints"), { body: { filter } })),
  removeBreakpoint: (id: number) => done(request("DELETE", apiUrl(`/breakpoints/${id}`))),
  held: () => pick(request<{ held: readonly Held[] }>("GET", apiUrl("/held")), "held"),
  /** `go` releases a held request, unchanged or edited; `drop` closes its connection. */
  release: (id: string, action: "go" | "drop", edit: RequestEdit = {}) =>
    done(request("POST", apiUrl(`/held/${encodeURIComponent(id)}`), { body: { action, ...edit } })),
};

/** Addresses for links and event streams. */
export const urls = {
  events: apiUrl("/events", { traffic: "1" }),
  exchangeStream: (filter: string) => apiUrl("/exchanges/stream", { filter }),
  har: (filter: string) => apiUrl("/har", { filter }),
  body: (id: string, side: "request" | "response") => apiUrl(`${exchangePath(id)}/body`, { side }),
};
