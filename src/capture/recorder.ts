import type { RequestHead } from "../http1/request-head.ts";
import type { Caller } from "./caller.ts";
import type { CapturedEdge, Exchange, ExchangeError, HttpExchange, Opening } from "./exchange.ts";
import { BASE, createRing, type Ring, type RingBounds } from "./ring.ts";
import { isBelow } from "./skip.ts";
import { linkOf, parseTraceParent, type TraceParent } from "./trace.ts";

/** Of a refused response head, bytes. */
const REFUSED_MOST = 16 * 1024;

/** Listeners hear of changes this often at the most, ms. */
const BATCH = 100;

interface RecorderListener {
  /** Everything was dropped. */
  readonly cleared?: () => void;
  /** Exchanges that are new or changed since the last call, each once; at most ten calls a second. */
  readonly changed?: (exchanges: readonly Exchange[]) => void;
  /** One is over; called at once. It must be quick: the door waits. */
  readonly ended?: (exchange: Exchange) => void;
}

/** Writes down what is said on edges. Everything here is called with the door's or a relay's bytes waiting: it is quick. */
export interface Recorder {
  readonly ring: Ring;
  /** A request begins; null where the edge's policy leaves it out. `clock`: `performance.now()`. */
  readonly http: (edge: CapturedEdge, caller: Caller, head: RequestHead, clock: number) => HttpExchange | null;
  /** Any other exchange begins. `said`: where its own bytes place it in a trace. */
  readonly begin: <E extends Exchange>(opening: Opening<E>, clock: number, said?: TraceParent | null) => E;
  /** Its response's head came: charged unless it is the last one's text again. */
  readonly answered: (exchange: HttpExchange, status: number, head: string) => void;
  /** The service's response head was refused: `text` (latin1, as far as it was read) is kept for looking at. The first one counts. */
  readonly recordRefusedHead: (exchange: HttpExchange, text: string, reason: string) => void;
  /** More is known of it; `bytes`: how many more of its own it keeps. */
  readonly grew: (exchange: Exchange, bytes: number) => void;
  /** It is over. Called again it does nothing. */
  readonly end: (exchange: Exchange, clock: number, error?: ExchangeError | null) => void;
  /** Returns the function that ends it. */
  readonly listen: (listener: RecorderListener) => () => void;
  readonly clear: () => void;
  /**
   * The next request of the caller at that address says the exchange `seq` again; gives that request's exchange once it began.
   * `forget` when it is over: another caller may get the address.
   */
  readonly expectReplay: (
    address: string,
    seq: number,
  ) => { readonly exchange: () => HttpExchange | null; readonly forget: () => void };
}

export interface RecorderOptions {
  readonly bounds?: RingBounds;
  /** Finds out who a caller is, before its first exchange is written down. */
  readonly name?: (caller: Caller, now: number) => void;
}

export function createRecorder({ bounds, name }: RecorderOptions = {}): Recorder {
  const ring = createRing(bounds);
  /** Epoch ms at `performance.now()` = 0, with a fraction. */
  const epoch = performance.timeOrigin;
  let seq = 0;
  let listeners: readonly RecorderListener[] = [];
  /** One of them wants to know of changes. */
  let hearing = false;
  /** What changed since listeners were told last. */
  const changed = new Set<Exchange>();
  let timer: NodeJS.Timeout | undefined;
  /** Mostly the next request's too: one text in memory, charged once. */
  let lastHead = "";
  let lastResponse = "";
  /** Replays under way, by their callers' addresses. */
  const replays = new Map<string, { of: number; exchange: HttpExchange | null }>();

  function tell(exchange: Exchange): void {
    if (!hearing) return;
    changed.add(exchange);
    if (timer === undefined) timer = setTimeout(flush, BATCH);
  }

  function flush(): void {
    timer = undefined;
    const batch = [...changed];
    changed.clear();
    for (const listener of listeners) listener.changed?.(batch);
  }

  function markReplay(exchange: HttpExchange): void {
    const replay = replays.get(exchange.caller.address);
    if (replay === undefined) return;
    replays.delete(exchange.caller.address);
    exchange.replayOf = replay.of;
    replay.exchange = exchange;
  }

  function setListeners(wanted: readonly RecorderListener[]): void {
    listeners = wanted;
    hearing = wanted.some((listener) => listener.changed !== undefined);
  }

  function enter(exchange: Exchange): void {
    const { caller, edge } = exchange;
    if (!caller.looked) name?.(caller, exchange.clock);
    edge.place.underWay.add(exchange);
    ring.add(exchange);
    tell(exchange);
  }

  return {
    ring,
    http: (edge, caller, head, clock) => {
      const { policy } = edge;
      if (!policy.on) return null;
      const { target } = head;
      for (const path of policy.skip) if (isBelow(path, target)) return null;
      const charged = head.text === lastHead ? BASE : BASE + head.text.length;
      lastHead = head.text;
      const exchange: HttpExchange = {
        seq: ++seq,
        edge,
        caller,
        at: epoch + clock,
        clock,
        queued: null,
        connected: null,
        firstByte: null,
        ended: null,
        error: null,
        trace: linkOf(edge, head.traceParent === "" ? null : parseTraceParent(head.traceParent)),
        charged,
        protocol: "http",
        method: head.method,
        target,
        host: head.hostField,
        status: null,
        requestHead: head.text,
        responseHead: null,
        refusedHead: null,
        requestBody: null,
        responseBody: null,
        messages: null,
        replayOf: null,
        edited: false,
      };
      if (replays.size > 0) markReplay(exchange);
      enter(exchange);
      return exchange;
    },
    begin: <E extends Exchange>(opening: Opening<E>, clock: number, said: TraceParent | null = null): E => {
      const exchange = {
        seq: ++seq,
        at: epoch + clock,
        clock,
        queued: null,
        connected: null,
        firstByte: null,
        ended: null,
        error: null,
        trace: linkOf(opening.edge, said),
        charged: BASE,
        ...opening,
      } as unknown as E;
      enter(exchange);
      return exchange;
    },
    answered: (exchange, status, head) => {
      exchange.status = status;
      exchange.responseHead = head;
      if (head !== lastResponse) ring.charge(exchange, head.length);
      lastResponse = head;
      tell(exchange);
    },
    recordRefusedHead: (exchange, text, reason) => {
      if (exchange.refusedHead !== null) return;
      exchange.refusedHead = { text: ownText(text), reason };
      ring.charge(exchange, Math.min(text.length, REFUSED_MOST) + reason.length);
      tell(exchange);
    },
    grew: (exchange, bytes) => {
      if (bytes > 0) ring.charge(exchange, bytes);
      tell(exchange);
    },
    end: (exchange, clock, error = null) => {
      if (exchange.ended !== null) return;
      exchange.ended = clock - exchange.clock;
      exchange.error ??= error;
      exchange.edge.place.underWay.delete(exchange);
      for (const listener of listeners) listener.ended?.(exchange);
      tell(exchange);
    },
    listen: (listener) => {
      setListeners([...listeners, listener]);
      return () => {
        setListeners(listeners.filter((one) => one !== listener));
      };
    },
    clear: () => {
      ring.clear();
      changed.clear();
      for (const listener of listeners) listener.cleared?.();
    },
    expectReplay: (address, of) => {
      const replay: { of: number; exchange: HttpExchange | null } = { of, exchange: null };
      replays.set(address, replay);
      return {
        exchange: () => replay.exchange,
        forget: () => {
          if (replays.get(address) === replay) replays.delete(address);
        },
      };
    },
  };
}

/** A copy of the beginning: a slice would keep the whole text in memory. */
function ownText(text: string): string {
  return text.length <= REFUSED_MOST ? text : Buffer.from(text.slice(0, REFUSED_MOST), "latin1").toString("latin1");
}
