import { useEffect, useState } from "react";
import type { ExchangeDetail } from "../../../../src/capture/detail.ts";
import type { ExchangeSummary } from "../../../../src/capture/summary.ts";
import type { Fault } from "../../../../src/fault/fault.ts";
import { isFault } from "../../home/api.ts";
import { useCell } from "../../state/cell.ts";
import { fetchDetail, fetchTrace } from "../api.ts";
import type { ExchangeList } from "../list/exchange-list.ts";

export interface Detail {
  readonly detail: ExchangeDetail | null;
  readonly fault: Fault | null;
}

/** One exchange in whole, asked for anew when the list hears that it went on. */
export function useDetail(id: string, reveal: boolean, list: ExchangeList): Detail {
  const [got, setGot] = useState<Detail>({ detail: null, fault: null });
  useCell(list.arrivals);
  const seq = got.detail?.summary.seq;
  const told = seq === undefined ? null : (list.row(seq) ?? null);
  // It is whole once it has ended; until then every word of it counts.
  const version = told === null || told.ms === got.detail?.summary.ms ? "" : `${told.ms} ${told.bytesDown}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says when to ask again
  useEffect(() => {
    let left = false;
    void fetchDetail(id, reveal).then((answer) => {
      if (left) return;
      setGot((before) => (isFault(answer) ? { ...before, fault: answer } : { detail: answer, fault: null }));
    });
    return () => {
      left = true;
    };
  }, [id, reveal, version]);
  return got;
}

/** All exchanges of an exchange's trace, by time. Asked for again while any of them is under way, or `ended` changes. */
export function useTrace(id: string, ended: number | null): readonly ExchangeSummary[] {
  const [trace, setTrace] = useState<readonly ExchangeSummary[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: its end may have brought more of them
  useEffect(() => {
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const load = async () => {
      const answer = await fetchTrace(id);
      if (left || isFault(answer)) return;
      setTrace(answer.exchanges);
      if (answer.exchanges.some(({ ms }) => ms === null)) timer = setTimeout(load, 1_000);
    };
    void load();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [id, ended]);
  return trace;
}
