import { type Fault, isFault } from "../../../../src/fault/fault.ts";
import type { ExchangeEvent } from "../../../../src/home/view/view.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import { api, type Held, urls } from "../../home/api.ts";
import { type Cell, createCell } from "../../state/cell.ts";
import { createCache, type SummaryCache } from "./cache.ts";
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
  /** Came in while the list was paused; at least this many. */
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
  /** While paused, what comes in is counted; it is shown on resume. */
  readonly pause: (paused: boolean) => void;
  readonly close: () => void;
}

type News = Extract<ExchangeEvent, { type: "exchanges" }>;

/** An open list: the cells that the page reads, and what is known behind them. */
interface ListState {
  readonly wish: ListWish;
  readonly view: Cell<ListView>;
  readonly arrivals: Cell<number>;
  readonly held: Cell<readonly Held[]>;
  readonly cache: SummaryCache;
  /** An exchange's number → its cause's. Only with traces. */
  readonly parents: Map<number, number>;
  readonly stop: AbortController;
  rows: Rows;
  /** News that came before the rows did; null once they are here. */
  early: News[] | null;
  paused: boolean;
  /** Numbers that came while paused. */
  waiting: Set<number>;
  /** How many came while paused and were only counted. */
  skipped: number;
  inSight: readonly [first: number, last: number] | null;
  fetching: boolean;
  source: EventSource | null;
  reconnect: ReturnType<typeof setTimeout> | undefined;
  reload: ReturnType<typeof setTimeout> | undefined;
}

/** Rows beyond what is in sight that are fetched with it. */
const AHEAD = 60;
/** Summaries per request. */
const PAGE = 400;
/** A filtered list that missed events is reloaded, at most this often, ms. */
const AGAIN = 1_000;
/** From a broken stream to the next attempt, ms. */
const RETRY = 1_000;

/** Beyond this size, entries that home no longer keeps are dropped. */
const MOST_PARENTS = 200_000;

const EMPTY: Sight = inOrder(NO_ROWS);

export function openList(wish: ListWish): ExchangeList {
  const state: ListState = {
    wish,
    view: createCell<ListView>({ state: "loading", fault: null, sight: EMPTY, newest: 0, kept: 0, waiting: 0 }),
    arrivals: createCell(0),
    held: createCell<readonly Held[]>([]),
    cache: createCache(),
    parents: new Map(),
    stop: new AbortController(),
    rows: NO_ROWS,
    early: [],
    paused: false,
    waiting: new Set(),
    skipped: 0,
    inSight: null,
    fetching: false,
    source: null,
    reconnect: undefined,
    reload: undefined,
  };
  void load(state);
  connect(state);
  return {
    view: state.view,
    arrivals: state.arrivals,
    held: state.held,
    row: state.cache.get,
    look: (first, last) => {
      state.inSight = [first, last];
      void fill(state);
    },
    pause: (paused) => {
      if (state.paused && !paused) void load(state);
      state.paused = paused;
    },
    close: () => close(state),
  };
}

function show({ wish, view, rows, parents }: ListState, fault: Fault | null = null): void {
  const sight = wish.traces ? asTraces(rows, parents) : inOrder(rows);
  const kept = Math.max(0, rows.newest - rows.oldest + 1);
  view.set({ state: "ready", fault, sight, newest: rows.newest, kept, waiting: 0 });
}

/** Reloads all rows. */
async function load(state: ListState): Promise<void> {
  const { wish, stop } = state;
  const answer = await api.rows(wish.filter, wish.traces, stop.signal);
  if (stop.signal.aborted) return;
  if (isFault(answer) && answer.fault === "HOME_UNREACHABLE") return;
  const news = state.early ?? [];
  state.early = null;
  if (isFault(answer)) {
    state.rows = NO_ROWS;
    show(state, answer);
    return;
  }
  const { oldest, newest, seqs, parents } = answer;
  state.rows = { oldest, newest, seqs };
  if (parents !== undefined) learnParents(state, parents);
  state.waiting = new Set();
  state.skipped = 0;
  for (const event of news) take(state, event);
  show(state);
  void fill(state);
}

function loadSoon(state: ListState): void {
  state.reload ??= setTimeout(() => {
    state.reload = undefined;
    void load(state);
  }, AGAIN);
}

function learnParents({ parents, rows }: ListState, told: readonly number[]): void {
  parents.clear();
  const { seqAt } = inOrder(rows);
  for (const [at, parent] of told.entries()) if (parent > 0) parents.set(seqAt(at), parent);
}

/** Adds what came in to the rows. */
function take(state: ListState, { exchanges, skipped, oldest, newest }: News): void {
  const { wish, cache, parents } = state;
  for (const exchange of exchanges) {
    cache.put(exchange);
    if (wish.traces && exchange.parent !== null) parents.set(exchange.seq, exchange.parent);
  }
  if (parents.size > MOST_PARENTS) for (const seq of parents.keys()) if (seq < oldest) parents.delete(seq);
  if (skipped > 0) {
    cache.doubt();
    if (needsReload(state)) loadSoon(state);
  }
  if (newest < oldest) cache.clear();
  state.rows = withNews(state.rows, { oldest, newest, seqs: exchanges.map(({ seq }) => seq) });
}

/** Whether missed news can't be made up for by their numbers alone. */
function needsReload({ rows, wish }: ListState): boolean {
  return rows.seqs !== null || wish.traces;
}

/** Counts what came in while the list is paused. */
function count(state: ListState, { exchanges, skipped, newest }: News): void {
  const { cache, view, waiting, rows } = state;
  // Rows in sight are updated; the rest is only counted.
  for (const exchange of exchanges) {
    cache.put(exchange);
    if (view.get().sight.indexOf(exchange.seq) < 0) waiting.add(exchange.seq);
  }
  state.skipped += skipped;
  // Without a filter the numbers tell; with one, skipped events may be about the same exchange twice.
  const many = Math.max(0, rows.seqs === null ? newest - rows.newest : waiting.size + state.skipped);
  if (many !== view.get().waiting) view.set({ ...view.get(), waiting: many });
}

function onEvent(state: ListState, event: ExchangeEvent): void {
  if (event.type === "held") {
    void loadHeld(state);
    return;
  }
  if (state.early !== null) {
    state.early.push(event);
    return;
  }
  // The first event only says what there is: if that is more than was read, something was missed.
  if (event.exchanges.length === 0 && event.newest > state.rows.newest && needsReload(state)) loadSoon(state);
  if (state.paused) count(state, event);
  else {
    take(state, event);
    show(state);
    void fill(state);
  }
  if (event.exchanges.length > 0) state.arrivals.set(state.arrivals.get() + 1);
}

async function loadHeld({ held, stop }: ListState): Promise<void> {
  const answer = await api.held();
  if (!isFault(answer) && !stop.signal.aborted) held.set(answer);
}

/** Numbers in sight and near it whose summaries aren't here, ascending. */
function missing({ view, inSight, cache }: ListState): number[] {
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

/** One request at a time: rows scrolled past in the meantime are never fetched. */
async function fill(state: ListState): Promise<void> {
  const { cache, arrivals, stop } = state;
  if (state.fetching) return;
  state.fetching = true;
  for (;;) {
    const wanted = missing(state);
    if (wanted.length === 0) break;
    const answer = await api.summaries(wanted);
    if (stop.signal.aborted || isFault(answer)) break;
    for (const exchange of answer.exchanges) cache.put(exchange);
    for (const seq of wanted) if (cache.get(seq) === undefined) cache.gone(seq);
    arrivals.set(arrivals.get() + 1);
  }
  state.fetching = false;
}

function connect(state: ListState): void {
  const { stop, wish, view } = state;
  const mine = new EventSource(urls.exchangeStream(wish.filter));
  state.source = mine;
  mine.onmessage = ({ data }: MessageEvent<string>) => onEvent(state, JSON.parse(data) as ExchangeEvent);
  mine.onerror = () => {
    mine.close();
    if (stop.signal.aborted) return;
    // Rows tell why: a filter that can't be read, or home is unreachable and the page says so.
    void load(state).then(() => {
      if (stop.signal.aborted || view.get().fault?.fault === "FILTER_INVALID") return;
      state.reconnect = setTimeout(() => connect(state), RETRY);
    });
  };
}

function close({ stop, source, reconnect, reload }: ListState): void {
  stop.abort();
  clearTimeout(reconnect);
  clearTimeout(reload);
  source?.close();
}
