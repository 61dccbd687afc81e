import { useCallback, useEffect, useRef, useState } from "react";
import { type Fault, isFault } from "../../../src/fault/fault.ts";
import { useConnection } from "./home.ts";

export interface Look<T> {
  /** The last one, kept while home is unreachable. Null before the first. */
  readonly view: T | null;
  /** Why there is no newer one. */
  readonly fault: Fault | null;
  readonly busy: boolean;
  readonly again: () => void;
}

/**
 * What home reports, fetched again every `pause` ms while the page is visible, and whenever `changed` is another value: for
 * what has no events of its own.
 */
export function useLook<T>(ask: () => Promise<T | Fault>, pause: number, changed: unknown = null): Look<T> {
  const [view, setView] = useState<T | null>(null);
  const [fault, setFault] = useState<Fault | null>(null);
  const [busy, setBusy] = useState(false);
  const live = useConnection() === "live";
  const current = useRef(ask);
  current.current = ask;
  const asking = useRef(false);
  /** Something changed while a look was under way. */
  const due = useRef(false);

  const again = useCallback(async () => {
    due.current = asking.current;
    if (due.current) return;
    asking.current = true;
    setBusy(true);
    const answer = await current.current();
    asking.current = false;
    setBusy(false);
    if (isFault(answer)) setFault(answer);
    else {
      setFault(null);
      setView(answer);
    }
    if (due.current) void again();
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another value of `changed` asks for a new look
  useEffect(() => {
    if (!live) return;
    const onTime = () => {
      if (document.visibilityState === "visible") void again();
    };
    onTime();
    const timer = setInterval(onTime, pause);
    document.addEventListener("visibilitychange", onTime);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onTime);
    };
  }, [again, live, pause, changed]);

  return { view, fault, busy, again };
}
