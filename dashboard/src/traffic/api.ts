import type { Fault } from "../../../src/fault/fault.ts";
import type { ExchangeDetail } from "../../../src/inspect/detail.ts";
import type { ExchangeDiff } from "../../../src/inspect/diff.ts";
import type { ExchangeSummary } from "../../../src/inspect/summary.ts";
import { ask } from "./ask.ts";

/** Which exchanges there are, by number; the summaries are fetched as they are looked at. */
export interface RowsAnswer {
  readonly oldest: number;
  readonly newest: number;
  /** Null: every number from oldest to newest. */
  readonly seqs: readonly number[] | null;
  /** Beside each: the number of the exchange that it is under, 0 for none. Only when asked for. */
  readonly parents?: readonly number[];
  readonly total: number;
}

/** What is said differently when an exchange is said again; what is left out stays as it was. */
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

/** A request that waits at the door to be let go. */
export interface Held {
  /** The exchange's. */
  readonly id: string;
  /** Epoch ms. */
  readonly since: number;
  readonly exchange: ExchangeSummary;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Null: not whole, or no text. */
  readonly body: string | null;
}

const of = (id: string) => `/exchanges/${encodeURIComponent(id)}`;
const query = (given: Record<string, string>) => {
  const text = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== "")).toString();
  return text === "" ? "" : `?${text}`;
};

export const fetchRows = (filter: string, parents: boolean, signal: AbortSignal): Promise<RowsAnswer | Fault> =>
  ask("GET", `/exchanges/rows${query({ filter, parents: parents ? "1" : "" })}`, undefined, signal);

/** The summaries of those numbers that are still there, at most 500. */
export const fetchSummaries = (
  seqs: readonly number[],
): Promise<{ readonly exchanges: readonly ExchangeSummary[] } | Fault> => {
  const [first = 0] = seqs;
  const last = seqs.at(-1) ?? 0;
  const inRow = last - first === seqs.length - 1;
  return ask("GET", `/exchanges${inRow ? `?from=${first}&to=${last}` : `?seqs=${seqs.join(",")}`}`);
};

export const fetchDetail = (id: string, reveal: boolean): Promise<ExchangeDetail | Fault> =>
  ask("GET", `${of(id)}${reveal ? "?reveal=1" : ""}`);

export const fetchTrace = (id: string): Promise<{ readonly exchanges: readonly ExchangeSummary[] } | Fault> =>
  ask("GET", `${of(id)}/trace`);

/** The last ones that a filter lets through, newest first. */
export const fetchLast = (
  filter: string,
  limit: number,
): Promise<{ readonly exchanges: readonly ExchangeSummary[] } | Fault> =>
  ask("GET", `/exchanges${query({ filter, limit: String(limit) })}`);

/** What is different between one exchange and another. */
export const fetchDiff = (before: string, after: string): Promise<ExchangeDiff | Fault> =>
  ask("GET", `${of(before)}/diff${query({ with: after })}`);

/** The exchange as a command or a call that says it again. */
export const fetchAs = (
  id: string,
  form: "curl" | "fetch",
  reveal: boolean,
): Promise<{ readonly text: string } | Fault> =>
  ask("GET", `${of(id)}/as${query({ form, reveal: reveal ? "1" : "" })}`);

export const replay = (
  id: string,
  edit: RequestEdit,
): Promise<{ readonly id: string; readonly exchange: ExchangeSummary } | Fault> =>
  ask("POST", `${of(id)}/replay`, edit);

export const clearAll = (): Promise<object | Fault> => ask("DELETE", "/exchanges");

export const fetchBreakpoints = (): Promise<{ readonly breakpoints: readonly Breakpoint[] } | Fault> =>
  ask("GET", "/breakpoints");

export const addBreakpoint = (filter: string): Promise<Breakpoint | Fault> => ask("POST", "/breakpoints", { filter });

export const removeBreakpoint = (id: number): Promise<object | Fault> => ask("DELETE", `/breakpoints/${id}`);

export const fetchHeld = (): Promise<{ readonly held: readonly Held[] } | Fault> => ask("GET", "/held");

/** Lets a held request go, as it is or edited, or ends its connection. */
export const release = (id: string, action: "go" | "drop", edit: RequestEdit = {}): Promise<object | Fault> =>
  ask("POST", `/held/${encodeURIComponent(id)}`, { action, ...edit });

export const harUrl = (filter: string): string => `/api/v1/har${query({ filter })}`;
export const bodyUrl = (id: string, side: "request" | "response"): string => `/api/v1${of(id)}/body?side=${side}`;
export const streamUrl = (filter: string): string => `/api/v1/exchanges/stream${query({ filter })}`;

export const importHar = (file: File): Promise<{ readonly imported: number } | Fault> =>
  ask("POST", `/har${query({ name: file.name })}`, file);
