import { startTransition, useEffect, useState } from "react";
import { type Fault, isFault } from "../../../src/fault/fault.ts";
import type { LogLine } from "../../../src/stack/session/messages.ts";
import { api } from "../home/api.ts";
import { useHome } from "../home/home.ts";
import { useCell } from "../state/cell.ts";
import { type Chunk, createLogBuffer } from "./buffer.ts";
import { joinLines } from "./join.ts";

/** Lines kept in the page. */
const KEPT = 10_000;
/** Lines requested: as many as home keeps per service. */
const ASKED = 2_000;
/** Lines are drawn this often at most, ms. */
const FRAME = 60;
/** For this long after home's answer, the stream may repeat lines of the answer, ms. */
const SETTLING = 2_000;

export interface Log {
  readonly chunks: readonly Chunk[];
  /** True until home has answered. */
  readonly loading: boolean;
  readonly fault: Fault | null;
}

const EMPTY: Log = { chunks: [], loading: true, fault: null };

/** A service's log: the lines that home kept, then every new line. */
export function useLog(stack: string, service: string): Log {
  const home = useHome();
  const stream = useCell(home.stream);
  const [log, setLog] = useState<Log>(EMPTY);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new stream means that lines were missed
  useEffect(() => {
    const buffer = createLogBuffer(KEPT);
    const live: LogLine[] = [];
    let fresh: LogLine[] = [];
    let kept: readonly LogLine[] | null = null;
    let settledAt = 0;
    let shown = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;

    const show = () => {
      timer = undefined;
      if (kept === null) return;
      if (performance.now() < settledAt) {
        const joined = joinLines(kept, live);
        buffer.append(joined.slice(shown));
        shown = Math.max(shown, joined.length);
      } else {
        buffer.append(fresh);
      }
      fresh = [];
      // A burst of lines may take a while to draw, and must not hold up a click.
      startTransition(() => setLog({ chunks: buffer.chunks(), loading: false, fault: null }));
    };
    const stop = home.onLog((from, lines) => {
      if (from !== stack) return;
      const mine = lines.filter((line) => line.service === service);
      if (mine.length === 0) return;
      if (kept === null || performance.now() < settledAt) live.push(...mine);
      fresh.push(...mine);
      timer ??= setTimeout(show, FRAME);
    });
    let left = false;
    void api.logs(stack, service, ASKED).then((answer) => {
      if (left) return;
      if (isFault(answer)) {
        setLog({ chunks: [], loading: false, fault: answer });
        return;
      }
      kept = answer;
      settledAt = performance.now() + SETTLING;
      show();
    });
    return () => {
      left = true;
      stop();
      clearTimeout(timer);
    };
  }, [home, stack, service, stream]);

  return log;
}
