import { useEffect, useState } from "react";
import { type Fault, isFault } from "../../../../src/fault/fault.ts";
import type { ExchangeDetail } from "../../../../src/inspect/detail.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import type { Why } from "../../../../src/inspect/why/why.ts";
import { api, type Trace } from "../../home/api.ts";
import { useCell } from "../../state/cell.ts";
import type { ExchangeList } from "../list/exchange-list.ts";

export interface Detail {
  readonly detail: ExchangeDetail | null;
  readonly fault: Fault | null;
}

/** One that goes on is asked for this often at the most, ms. */
const PAUSE = 300;
/** A trace that goes on is looked at this often, ms. */
const AGAIN = 2_000;
/** OpenTelemetry's exporters send a batch after five seconds at the latest, ms. */
const REPORTED = 6_000;

/** All that changes while it is under way. */
function stateOf({ ms, status, bytesUp, bytesDown, notes }: ExchangeSummary): string {
  return [ms, status, bytesUp, bytesDown, ...notes].join(" ");
}

/**
 * One exchange in full, fetched again when the list hears of a change. The one before stays until the next is there,
 * so that going from one to the next doesn't flash.
 */
export function useDetail(id: string, reveal: boolean, list: ExchangeList): Detail {
  const [got, setGot] = useState<Detail>({ detail: null, fault: null });
  useCell(list.arrivals);
  const summary = got.detail?.summary;
  const told = summary === undefined ? null : (list.row(summary.seq) ?? null);
  const stale = told !== null && summary !== undefined && stateOf(told) !== stateOf(summary);
  useEffect(() => {
    let left = false;
    void api.exchange(id, reveal).then((answer) => {
      if (left) return;
      setGot(isFault(answer) ? { detail: null, fault: answer } : { detail: answer, fault: null });
    });
    return () => {
      left = true;
    };
  }, [id, reveal]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what went on while it was fetched is stale again
  useEffect(() => {
    if (!stale) return;
    let left = false;
    const timer = setTimeout(async () => {
      const answer = await api.exchange(id, reveal);
      // What was known of it stays, also when home is unreachable.
      if (!left && !isFault(answer)) setGot({ detail: answer, fault: null });
    }, PAUSE);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [stale, id, reveal, got.detail]);
  return got;
}

const NOTHING: Trace = { exchanges: [], spans: [], logs: [] };

/**
 * An exchange's trace, by time. Asked for again while any exchange of it is under way, or when `ended` changes; then once more,
 * since services report what they did a few seconds later.
 */
export function useTrace(id: string, ended: number | null): Trace {
  const [trace, setTrace] = useState(NOTHING);
  // biome-ignore lint/correctness/useExhaustiveDependencies: its end may have brought more of them
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async (late: boolean) => {
      const answer = await api.trace(id);
      if (left || isFault(answer)) return;
      setTrace(answer);
      if (answer.exchanges.some(({ ms }) => ms === null)) timer = setTimeout(() => load(false), AGAIN);
      else if (!late) timer = setTimeout(() => load(true), REPORTED);
    };
    void load(false);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [id, ended]);
  return trace;
}

/** Where an exchange's time went; null until it is known. Asked for again when its trace is another: `trace` names its state. */
export function useWhy(id: string, trace: string): Why | null {
  const [why, setWhy] = useState<Why | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: more of its trace is another answer
  useEffect(() => {
    let left = false;
    void api.why(id).then((answer) => {
      if (!left && !isFault(answer)) setWhy(answer);
    });
    return () => {
      left = true;
    };
  }, [id, trace]);
  return why?.summary.id === id ? why : null;
}
