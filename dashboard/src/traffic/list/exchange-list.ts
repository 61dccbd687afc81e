import type { Fault } from "../../../../src/fault/fault.ts";
import type { ExchangeEvent } from "../../../../src/home/view/view.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import { isFault } from "../../home/api.ts";
import { type Cell, createCell } from "../../state/cell.ts";
import { fetchHeld, fetchRows, fetchSummaries, type Held, streamUrl } from "../api.ts";
import { createCache } from "./cache.ts";
import { inOrder, NO_ROWS, type Rows, type Sight, withNews } from "./rows.ts";
import { asTraces } from "./tree.ts";

/** What the list shows now. */
interface ListView {
  readonly state: "loading" | "ready";
  /** Why there is nothing to show: mostly a filter that can't be read. */
  readonly fault: Fault | null;
  readonly sight: Sight;
  /** Number of the newest that is known. */
  readonly newest: number;
  /** All that home keeps, whatever the filter. */
  readonly kept: number;
  /** Came in while the list was held still; at least so many. */
  readonly waiting: number;
}

export interface ListWish {
  readonly filter: string;
  /** What an exchange caused right under it. */
  readonly traces: boolean;
}

/** The list of exchanges as home keeps it: numbers of all, summaries of those that are looked at. */
export interface ExchangeList {
  readonly view: Cell<ListView>;
  /** Grows with every summary that arrives. */
  readonly arrivals: Cell<number>;
  readonly held: Cell<readonly Held[]>;
  /** Undefined: not here yet; null: home has it no more. */
  readonly row: (seq: number) => ExchangeSummary | null | undefined;
  /** Says which rows are in sight, so that they are fetched. */
  readonly look: (first: number, last: number) => void;
  /** Held still: what comes in is counted, and shown when it goes on. */
  readonly pause: (paused: boolean) => void;
  readonly close: () => void;
}

type News = Extract<ExchangeEvent, { type: "exchanges" }>;

/** Rows beyond what is in sight that are fetched with it. */
const AHEAD = 60;
/** Home gives so many summaries at once. */
const PAGE = 400;
/** A filtered list that missed news is asked for anew, this often at the most, ms. */
const AGAIN = 1_000;
/** From a broken stream to the next try, ms. */
const RETRY = 1_000;

/** Beyond this, what home keeps no more is forgotten here, too. */
const MOST_PARENTS = 200_000;

const EMPTY: Sight = inOrder(NO_ROWS);

export function openList({ filter, traces }: ListWish): ExchangeList {
  const view = createCell<ListView>({ state: "loading", fault: null, sight: EMPTY, newest: 0, kept: 0, waiting: 0 });
  const arrivals = createCell(0);
  const held = createCell<readonly Held[]>([]);
  const cache = createCache();
  const parents = new Map<number, number>();
  const stop = new AbortController();
  let rows: Rows = NO_ROWS;
  /** News that came before the rows did. */
  let early: News[] | null = [];
  let paused = false;
  let waiting = new Set<number>();
  let unheard = 0;
  let inSight: readonly [number, number] | null = null;
  let busy = false;
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again: ReturnType<typeof setTimeout> | undefined;

  const show = (more: Partial<ListView> = {}) => {
    const sight = traces ? asTraces(rows, parents) : inOrder(rows);
    const kept = Math.max(0, rows.newest - rows.oldest + 1);
    view.set({
      ...view.get(),
      state: "ready",
      fault: null,
      sight,
      newest: rows.newest,
      kept,
      waiting: 0,
      ...more,
    });
  };

  async function load(): Promise<void> {
    const answer = await fetchRows(filter, traces, stop.signal);
    if (stop.signal.aborted) return;
    if (isFault(answer) && answer.fault === "HOME_UNREACHABLE") return;
    const news = early ?? [];
    early = null;
    if (isFault(answer)) {
      rows = NO_ROWS;
      show({ fault: answer });
      return;
    }
    const { oldest, newest, seqs, parents: under } = answer;
    rows = { oldest, newest, seqs };
    if (under !== undefined) learn(under);
    waiting = new Set();
    unheard = 0;
    for (const event of news) take(event);
    show();
    void fill();
  }

  function learn(under: readonly number[]): void {
    parents.clear();
    const { seqAt } = inOrder(rows);
    for (const [at, parent] of under.entries()) if (parent > 0) parents.set(seqAt(at), parent);
  }

  function loadSoon(): void {
    again ??= setTimeout(() => {
      again = undefined;
      void load();
    }, AGAIN);
  }

  function take({ exchanges, skipped, oldest, newest }: News): void {
    for (const exchange of exchanges) {
      cache.put(exchange);
      if (traces && exchange.parent !== null) parents.set(exchange.seq, exchange.parent);
    }
    if (parents.size > MOST_PARENTS) for (const seq of parents.keys()) if (seq < oldest) parents.delete(seq);
    if (skipped > 0) {
      cache.doubt();
      if (rows.seqs !== null || traces) loadSoon();
    }
    if (newest < oldest) cache.clear();
    rows = withNews(rows, { oldest, newest, seqs: exchanges.map(({ seq }) => seq) });
  }

  async function loadHeld(): Promise<void> {
    const answer = await fetchHeld();
    if (!isFault(answer) && !stop.signal.aborted) held.set(answer.held);
  }

  function onEvent(event: ExchangeEvent): void {
    if (event.type === "held") {
      void loadHeld();
      return;
    }
    if (early !== null) {
      early.push(event);
      return;
    }
    // The first event only says what there is: if that is more than was read, something was missed.
    if (event.exchanges.length === 0 && event.newest > rows.newest && (rows.seqs !== null || traces)) loadSoon();
    if (paused) {
      // What is shown already may go on to its end; the rest is only counted.
      for (const exchange of event.exchanges) {
        cache.put(exchange);
        if (view.get().sight.indexOf(exchange.seq) < 0) waiting.add(exchange.seq);
      }
      unheard += event.skipped;
      // Without a filter the numbers tell; with one, what was not told of may be the same twice.
      const many = rows.seqs === null ? event.newest - rows.newest : waiting.size + unheard;
      if (many !== view.get().waiting) view.set({ ...view.get(), waiting: Math.max(0, many) });
    } else {
      take(event);
      show();
      void fill();
    }
    if (event.exchanges.length > 0) arrivals.set(arrivals.get() + 1);
  }

  function missing(): number[] {
    const { sight } = view.get();
    const wanted: number[] = [];
    if (inSight === null) return wanted;
    const [first, last] = inSight;
    for (let at = Math.max(0, first - AHEAD); at < Math.min(sight.count, last + AHEAD); at++) {
      const seq = sight.seqAt(at);
      if (seq > 0 && cache.get(seq) === undefined) wanted.push(seq);
      if (wanted.length === PAGE) break;
    }
    return wanted.sort((a, b) => a - b);
  }

  /** One request at a time: what was scrolled past in the meantime is never asked for. */
  async function fill(): Promise<void> {
    if (busy) return;
    busy = true;
    for (;;) {
      const wanted = missing();
      if (wanted.length === 0) break;
      const answer = await fetchSummaries(wanted);
      if (stop.signal.aborted || isFault(answer)) break;
      for (const exchange of answer.exchanges) cache.put(exchange);
      for (const seq of wanted) if (cache.get(seq) === undefined) cache.gone(seq);
      arrivals.set(arrivals.get() + 1);
    }
    busy = false;
  }

  function connect(): void {
    const mine = new EventSource(streamUrl(filter));
    source = mine;
    mine.onmessage = ({ data }: MessageEvent<string>) => onEvent(JSON.parse(data) as ExchangeEvent);
    mine.onerror = () => {
      mine.close();
      if (stop.signal.aborted) return;
      // Rows tell why: a filter that can't be read, or home is away and the page says so.
      void load().then(() => {
        if (!stop.signal.aborted && view.get().fault?.fault !== "FILTER_INVALID") timer = setTimeout(connect, RETRY);
      });
    };
  }
  void load();
  connect();

  return {
    ...{ view, arrivals, held },
    row: cache.get,
    look: (first, last) => {
      inSight = [first, last];
      void fill();
    },
    pause: (now) => {
      if (paused && !now) void load();
      paused = now;
    },
    close: () => {
      stop.abort();
      clearTimeout(timer);
      clearTimeout(again);
      source?.close();
    },
  };
}
