import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Condition } from "../../../src/conditions/conditions.ts";
import { printCondition, readConditions } from "../../../src/conditions/text.ts";
import { isFault } from "../../../src/fault/fault.ts";
import type { EdgeView } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { toast } from "../parts/toasts.tsx";
import { type Draft, read, toDrafts } from "./draft.ts";

/** Changes of a slider are sent at most this often, ms. */
const FOLLOW = 120;
/** For this long after a change made here, home's snapshots may still show the state before it, ms. */
const ECHO = 300;

export interface EdgeShape {
  /** Null: what is on the edge can't be changed piece by piece (a table of numbers, from the config). */
  readonly drafts: readonly Draft[] | null;
  readonly problems: ReadonlyMap<number, string>;
  /** The chosen profile, before home confirms it. */
  readonly profile: string | null;
  readonly setDrafts: (drafts: readonly Draft[]) => void;
  readonly setProfile: (profile: { readonly name: string; readonly text: string }) => void;
  readonly clear: () => void;
}

interface Local {
  readonly drafts: readonly Draft[] | null;
  readonly profile: string | null;
}

interface Sending {
  /** What to apply next. */
  wanted: string | null;
  /** What this page applied last; null once someone else applied something. */
  sent: string | null;
  busy: boolean;
  timer: number;
  /** Until when snapshots may still show the state before the last change, ms. */
  quiet: number;
}

/** An edge's conditions for its controls. Changes are applied as they are made; changes made elsewhere show up here. */
export function useShape(stack: string, { id, shape }: EdgeView): EdgeShape {
  const text = shape?.text ?? "";
  const profile = shape?.profile ?? null;
  const [local, setLocal] = useState<Local>(() => ({ drafts: draftsOf(text), profile }));
  const sending = useRef<Sending>({ wanted: null, busy: false, sent: null, timer: 0, quiet: 0 });

  const flush = useCallback(async () => {
    const state = sending.current;
    if (state.busy || state.wanted === null) return;
    state.busy = true;
    while (state.wanted !== null) {
      const wanted: string = state.wanted;
      state.wanted = null;
      state.sent = wanted;
      const failed = await api.shape(stack, id, wanted);
      if (failed !== null) toast(failed);
    }
    state.busy = false;
    state.quiet = performance.now() + ECHO;
  }, [stack, id]);

  const put = (wanted: string) => {
    const state = sending.current;
    state.wanted = wanted;
    if (state.timer !== 0) return;
    state.timer = window.setTimeout(() => {
      state.timer = 0;
      void flush();
    }, FOLLOW);
  };

  // Changes made elsewhere are shown, unless they would move a control that is in use.
  useEffect(() => {
    let timer = 0;
    const adopt = () => {
      const { wanted, sent, busy, quiet } = sending.current;
      if (wanted !== null || busy || performance.now() < quiet) {
        timer = window.setTimeout(adopt, ECHO / 2);
        return;
      }
      // The echo of this page's own change must not discard incomplete drafts.
      if (text === sent) return setLocal((before) => ({ ...before, profile }));
      sending.current.sent = null;
      setLocal((before) => {
        const same = before.drafts !== null && printed(read(before.drafts).conditions) === text;
        return same ? { ...before, profile } : { drafts: draftsOf(text, before.drafts ?? []), profile };
      });
    };
    adopt();
    return () => clearTimeout(timer);
  }, [text, profile]);
  useEffect(() => () => void flush(), [flush]);

  const problems = useMemo(() => read(local.drafts ?? []).problems, [local.drafts]);
  return {
    ...local,
    problems,
    setDrafts: (drafts) => {
      setLocal({ drafts, profile: null });
      const { conditions } = read(drafts);
      if (conditions !== null) put(printed(conditions));
    },
    setProfile: ({ name, text: conditions }) => {
      setLocal({ drafts: draftsOf(conditions), profile: name });
      put(name);
    },
    clear: () => {
      setLocal({ drafts: [], profile: null });
      put("");
    },
  };
}

const printed = (conditions: readonly Condition[] | null) => conditions?.map(printCondition).join(" ") ?? "";

function draftsOf(text: string, before: readonly Draft[] = []): readonly Draft[] | null {
  const conditions = readConditions(text);
  return isFault(conditions) ? null : toDrafts(conditions, before);
}
