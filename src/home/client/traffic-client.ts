import { type Fault, isFault } from "../../fault/fault.ts";
import type { ExchangeDetail } from "../../inspect/detail.ts";
import type { ExchangeDiff } from "../../inspect/diff.ts";
import type { ExchangeSummary } from "../../inspect/summary.ts";
import type { Why } from "../../inspect/why/why.ts";
import type { KeptLog, KeptSpan } from "../../telemetry/store.ts";
import type { ExchangeEvent } from "../view/view.ts";
import { call } from "./call.ts";
import type { HomeClient } from "./client.ts";
import { followPath } from "./follow.ts";

/** A replay may take as long as the service does, ms. */
const REPLAY_TIMEOUT = 35_000;
/** A search through bodies takes its time, ms. */
const SEARCH_TIMEOUT = 30_000;

/** An edit as the API takes it. */
export interface EditRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly bodyBase64?: string;
}

/** An exchange's trace: what Cove saw, and what services reported in it. */
export interface TraceAnswer {
  readonly exchanges: readonly ExchangeSummary[];
  readonly spans: readonly KeptSpan[];
  readonly logs: readonly KeptLog[];
}

/** Exchanges on edges, for the CLI. */
export interface TrafficClient {
  /** Newest first. */
  readonly last: (filter: string, limit: number) => Promise<readonly ExchangeSummary[] | Fault>;
  readonly detail: (id: string, reveal: boolean) => Promise<ExchangeDetail | Fault>;
  readonly trace: (id: string) => Promise<TraceAnswer | Fault>;
  readonly why: (id: string) => Promise<Why | Fault>;
  readonly as: (id: string, form: "curl" | "fetch", reveal: boolean) => Promise<string | Fault>;
  readonly diff: (id: string, other: string) => Promise<ExchangeDiff | Fault>;
  readonly replay: (id: string, edit: EditRequest) => Promise<ExchangeSummary | Fault>;
  /** Hands on events until `signal` aborts (then undefined) or home goes away (then the fault). */
  readonly follow: (
    filter: string,
    onEvent: (event: ExchangeEvent) => void,
    signal: AbortSignal,
  ) => Promise<Fault | undefined>;
}

export function trafficOf({ address }: HomeClient): TrafficClient {
  const path = (id: string, more = "") => `/api/v1/exchanges/${encodeURIComponent(id)}${more}`;
  const listed = async (answer: Promise<{ exchanges: readonly ExchangeSummary[] } | Fault>) => {
    const value = await answer;
    return isFault(value) ? value : value.exchanges;
  };
  return {
    last: (filter, limit) =>
      listed(
        call(address, "GET", `/api/v1/exchanges?limit=${limit}&filter=${encodeURIComponent(filter)}`, {
          timeout: SEARCH_TIMEOUT,
        }),
      ),
    detail: (id, reveal) => call<ExchangeDetail>(address, "GET", path(id, `?reveal=${reveal ? 1 : 0}`)),
    trace: (id) => call<TraceAnswer>(address, "GET", path(id, "/trace")),
    why: (id) => call<Why>(address, "GET", path(id, "/why"), { timeout: SEARCH_TIMEOUT }),
    as: async (id, form, reveal) => {
      const answer = await call<{ text: string }>(
        address,
        "GET",
        path(id, `/as?form=${form}&reveal=${reveal ? 1 : 0}`),
      );
      return isFault(answer) ? answer : answer.text;
    },
    diff: (id, other) => call<ExchangeDiff>(address, "GET", path(id, `/diff?with=${encodeURIComponent(other)}`)),
    replay: async (id, edit) => {
      const options = { body: edit, timeout: REPLAY_TIMEOUT };
      const answer = await call<{ exchange: ExchangeSummary }>(address, "POST", path(id, "/replay"), options);
      return isFault(answer) ? answer : answer.exchange;
    },
    follow: (filter, onEvent, signal) =>
      followPath(address, `/api/v1/exchanges/stream?filter=${encodeURIComponent(filter)}`, onEvent, signal),
  };
}
