import { idOf, spanIdOf } from "../../capture/ids.ts";
import type { ExchangeSummary } from "../summary.ts";
import type { Step } from "./step.ts";

interface Said {
  readonly edge: string;
  readonly from: number;
  /** Null: it is under way. */
  readonly to: number | null;
  readonly under?: number;
  /** Numbers of what it may be under. */
  readonly perhaps?: readonly number[];
  readonly protocol?: ExchangeSummary["protocol"];
  readonly title?: string;
  readonly like?: string;
  readonly table?: string;
  readonly notes?: readonly string[];
  readonly ok?: boolean;
  readonly status?: string;
  /** Its code. */
  readonly error?: string;
  readonly timing?: Partial<Pick<Step, "queued" | "connected" | "firstByte">>;
  readonly isConnection?: boolean;
}

/** Steps of a trace, numbered from 1, as the analysis takes them. Times are ms; now is 1,000. */
export function stepsOf(all: readonly Said[]): Step[] {
  return all.map((said, n) => stepFixture(n + 1, said));
}

function stepFixture(seq: number, said: Said): Step {
  const {
    edge,
    from,
    to,
    under,
    perhaps,
    protocol = "http",
    title = "GET /",
    ok = said.error === undefined,
    status = "200",
  } = said;
  const [consumer = "", service = ""] = edge.split("→");
  const guess = perhaps && {
    ...{ count: perhaps.length, orNone: perhaps.length === 1 },
    candidates: perhaps.map((one) => ({ seq: one, short: `${one}`, spanId: spanIdOf(one) })),
  };
  const summary: ExchangeSummary = {
    ...{
      id: idOf({ seq, at: from }),
      seq,
      short: `${seq}`,
      stack: "shop",
      edge,
      from: consumer,
      to: service,
      protocol,
    },
    ...{ at: from, ms: to === null ? null : to - from, firstByteMs: null, title, status, ok: to === null ? null : ok },
    ...{ bytesUp: 0, bytesDown: 0, caller: { address: "127.0.0.1:1", process: null }, traceId: "1".repeat(32) },
    ...{ spanId: spanIdOf(seq), parentId: under === undefined ? null : spanIdOf(under), parent: under ?? null },
    ...{ how: guess ? "likely" : under === undefined ? "none" : "header", guess: guess ?? null },
    ...{ error: said.error === undefined ? null : { code: said.error, message: said.error }, notes: said.notes ?? [] },
  };
  return {
    ...{ summary, from, to: to ?? 1_000, queued: null, connected: null, firstByte: null, ...said.timing },
    ...{ like: said.like ?? title, table: said.table ?? null, isConnection: said.isConnection ?? false },
  };
}
