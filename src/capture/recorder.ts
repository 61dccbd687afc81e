import type { RequestHead } from "../http1/request-head.ts";
import { keep, newBody } from "./body.ts";
import type { Caller } from "./caller.ts";
import type { Claim } from "./claim.ts";
import { linkByClaim, senderIn } from "./claimed-link.ts";
import type { CapturedEdge, Exchange, ExchangeError, HttpExchange, Opening } from "./exchange.ts";
import { createExpectedReplays, type ExpectedReplays } from "./expected-replays.ts";
import { createRecorderListeners, type RecorderListener, type RecorderListeners } from "./recorder-listeners.ts";
import { BASE, createRing, type Ring, type RingBounds } from "./ring.ts";
import { isBelow } from "./skip.ts";
import { linkOf, linkWithin, parseTraceParent, type TraceParent } from "./trace.ts";
import type { TraceLink } from "./trace-link.ts";

/** Of a refused response head, bytes. */
const REFUSED_MOST = 16 * 1024;
/** After the end of an exchange, how long its sender's report of it is waited for, ms. */
const SETTLE_TIME = 1_000;

/** Records what passes on edges. Everything here is called while the door's or a relay's bytes wait, so it is quick. */
export interface Recorder {
  readonly ring: Ring;
  /** A request begins; null where the edge's policy leaves it out. `clock`: `performance.now()`. */
  readonly http: (edge: CapturedEdge, caller: Caller, head: RequestHead, clock: number) => HttpExchange | null;
  /**
   * Any other exchange begins, at `clock` or, an imported one, at the opening's `at`. `parent`: where its own bytes place it
   * in a trace; `within`: the place of the transaction, or of the text of several statements, that it is part of; `claim`:
   * what its sender will report of it. Until then its place is a guess, and its end isn't told for {@link SETTLE_TIME}.
   */
  readonly begin: <E extends Exchange>(
    opening: Opening<E>,
    clock: number,
    parent?: TraceParent | null,
    within?: TraceLink | null,
    claim?: Claim | null,
  ) => E;
  /** Its response's head came: charged unless it is the same text as the last one's. */
  readonly answered: (exchange: HttpExchange, status: number, head: string) => void;
  /** The service's response head was refused: `text` (latin1, as far as it was read) is kept for looking at. The first one counts. */
  readonly recordRefusedHead: (exchange: HttpExchange, text: string, reason: string) => void;
  /** `bytes[from, to)` of its request's body, or its response's, without framing: kept as far as its edge keeps bodies. */
  readonly requestBody: (exchange: HttpExchange, bytes: Buffer, from: number, to: number) => void;
  readonly responseBody: (exchange: HttpExchange, bytes: Buffer, from: number, to: number) => void;
  /** More is known of it; `bytes`: how many more of its own it keeps. */
  readonly grew: (exchange: Exchange, bytes: number) => void;
  /** It is over. Called again it does nothing. */
  readonly end: (exchange: Exchange, clock: number, error?: ExchangeError | null) => void;
  /** The same for one whose length is known, ms: a difference of clocks long ago isn't exact. */
  readonly endAfter: (exchange: Exchange, ms: number, error?: ExchangeError | null) => void;
  /** Returns the function that ends it. */
  readonly listen: (listener: RecorderListener) => () => void;
  readonly clear: () => void;
  /** The next request of the caller at that address is a replay of the exchange `seq`. */
  readonly expectReplay: ExpectedReplays["expect"];
}

export interface RecorderOptions {
  readonly bounds?: RingBounds;
  /** Finds out who a caller is, at its first exchange: a promise is kept when the caller has its name. */
  readonly name?: (caller: Caller, now: number) => Promise<void> | null;
}

/** What a recorder knows between two calls. */
interface State {
  readonly ring: Ring;
  readonly listeners: RecorderListeners;
  readonly replays: ExpectedReplays;
  readonly name: RecorderOptions["name"];
  /** Of the newest exchange. */
  seq: number;
  /** Exchanges whose senders' reports are to come; with the end of the wait once they are over. */
  readonly unsettled: Map<Exchange, NodeJS.Timeout | null>;
  /** Mostly the next request's too: one text in memory, charged once. */
  lastHead: string;
  lastResponse: string;
}

/** Epoch ms at `performance.now()` = 0, with a fraction. */
const EPOCH = performance.timeOrigin;

export function createRecorder({ bounds, name }: RecorderOptions = {}): Recorder {
  const listeners = createRecorderListeners();
  const replays = createExpectedReplays();
  const state: State = {
    ...{ ring: createRing(bounds), listeners, replays, name, unsettled: new Map() },
    ...{ seq: 0, lastHead: "", lastResponse: "" },
  };
  const { ring } = state;
  const grew = (exchange: Exchange, bytes: number) => {
    if (bytes > 0) ring.charge(exchange, bytes);
    listeners.changed(exchange);
  };
  return {
    ring,
    http: (edge, caller, head, clock) => beginHttp(state, edge, caller, head, clock),
    begin: (opening, clock, parent = null, within = null, claim = null) => {
      const exchange = begin(state, opening, clock, { parent, within, claim });
      if (claim !== null) awaitClaim(state, exchange, claim);
      return exchange;
    },
    answered: (exchange, status, head) => {
      exchange.status = status;
      exchange.responseHead = head;
      if (head !== state.lastResponse) ring.charge(exchange, head.length);
      state.lastResponse = head;
      listeners.changed(exchange);
    },
    recordRefusedHead: (exchange, text, reason) => {
      if (exchange.refusedHead !== null) return;
      exchange.refusedHead = { text: ownText(text), reason };
      ring.charge(exchange, Math.min(text.length, REFUSED_MOST) + reason.length);
      listeners.changed(exchange);
    },
    requestBody: (exchange, bytes, from, to) => {
      if (from === to) return;
      exchange.requestBody ??= newBody();
      grew(exchange, keep(exchange.requestBody, bytes, from, to, exchange.edge.policy.bodies));
    },
    responseBody: (exchange, bytes, from, to) => {
      if (from === to) return;
      exchange.responseBody ??= newBody();
      grew(exchange, keep(exchange.responseBody, bytes, from, to, exchange.edge.policy.bodies));
    },
    grew,
    end: (exchange, clock, error = null) => endAfter(state, exchange, clock - exchange.clock, error),
    endAfter: (exchange, ms, error = null) => endAfter(state, exchange, ms, error),
    listen: listeners.listen,
    clear: () => {
      ring.clear();
      listeners.cleared();
    },
    expectReplay: replays.expect,
  };
}

function beginHttp(
  state: State,
  edge: CapturedEdge,
  caller: Caller,
  head: RequestHead,
  clock: number,
): HttpExchange | null {
  const { policy } = edge;
  if (!policy.on) return null;
  const { target, text } = head;
  for (const path of policy.skip) if (isBelow(path, target)) return null;
  const charged = text === state.lastHead ? BASE : BASE + text.length;
  state.lastHead = text;
  const exchange: HttpExchange = {
    seq: ++state.seq,
    edge,
    caller,
    at: EPOCH + clock,
    clock,
    queued: null,
    connected: null,
    firstByte: null,
    ended: null,
    error: null,
    trace: linkHttp(state, edge, head),
    charged,
    protocol: "http",
    method: head.method,
    target,
    host: head.hostField,
    status: null,
    requestHead: text,
    responseHead: null,
    refusedHead: null,
    requestBody: null,
    responseBody: null,
    messages: null,
    replayOf: null,
    edited: false,
  };
  if (edge.origin !== null && head.traceParent !== "") noteCarried(state, exchange, head.traceParent);
  state.replays.mark(exchange);
  enter(state, exchange);
  return exchange;
}

function linkHttp({ ring }: State, edge: CapturedEdge, { traceParent, method, target, text }: RequestHead): TraceLink {
  const said = traceParent === "" ? null : parseTraceParent(traceParent);
  const { origin } = edge;
  if (origin === null) return linkOf(edge, said, "", 0);
  const spanId = said === null ? null : senderIn(text, said.parentId);
  if (said !== null && spanId !== null && origin.carried.seqOf(said.parentId) === null) {
    const context = { traceId: said.traceId, spanId };
    return linkByClaim({ origin, context, clock: performance.now() }, "header", ring.get);
  }
  // The exchange's own clock may be its connection's, which was opened long before.
  return linkOf(edge, said, `${method} ${target}`, performance.now());
}

/** Remembers the span that a request named: what is sent for it names that, too. */
function noteCarried({ ring }: State, { edge, seq }: HttpExchange, traceParent: string): void {
  const said = parseTraceParent(traceParent);
  if (said === null) return;
  edge.place.carried.note(said.parentId, seq, (other) => ring.get(other)?.ended !== null);
}

interface Origin {
  readonly parent: TraceParent | null;
  readonly within: TraceLink | null;
  readonly claim: Claim | null;
}

function begin<E extends Exchange>(state: State, opening: Opening<E>, clock: number, origin: Origin): E {
  const exchange = {
    seq: ++state.seq,
    at: EPOCH + clock,
    clock,
    queued: null,
    connected: null,
    firstByte: null,
    ended: null,
    error: null,
    trace: linkBegun(state, opening as unknown as Exchange, clock, origin),
    charged: BASE,
    ...opening,
  } as unknown as E;
  enter(state, exchange);
  return exchange;
}

function linkBegun({ ring }: State, sent: Exchange, clock: number, { parent, within, claim }: Origin): TraceLink {
  const { edge } = sent;
  if (claim?.context !== undefined && edge.origin !== null) {
    return linkByClaim({ origin: edge.origin, context: claim.context, clock }, "exact", ring.get);
  }
  const own = () => linkOf(edge, parent, textOf(sent), clock);
  return within === null ? own() : linkWithin(within, parent, own);
}

/** Its place is a guess until its sender's report is there. */
function awaitClaim(state: State, exchange: Exchange, claim: Claim): void {
  if (claim.settled) return;
  state.unsettled.set(exchange, null);
  claim.onSettled(() => {
    const { origin } = exchange.edge;
    if (claim.context !== undefined && origin !== null && state.unsettled.has(exchange)) {
      const { clock } = exchange;
      exchange.trace = linkByClaim({ origin, context: claim.context, clock }, "exact", state.ring.get);
    }
    settle(state, exchange);
  });
}

function settle({ unsettled, listeners }: State, exchange: Exchange): void {
  const waits = unsettled.get(exchange);
  if (waits === undefined) return;
  unsettled.delete(exchange);
  if (waits === null) return listeners.changed(exchange);
  clearTimeout(waits);
  listeners.ended(exchange);
}

/** What is sent, as far as it tells it from other things that a service sends. */
function textOf(sent: Exchange): string {
  switch (sent.protocol) {
    case "http":
      return `${sent.method} ${sent.target}`;
    case "postgres":
      return sent.sql;
    case "redis":
      return `${sent.command} ${sent.args[0] ?? ""}`;
    case "tcp":
      return sent.what;
  }
}

function enter({ name, ring, listeners }: State, exchange: Exchange): void {
  const { caller, edge } = exchange;
  if (!caller.looked)
    void name?.(caller, exchange.clock)?.then(() => {
      // What has left the ring by then isn't reported.
      if (ring.get(exchange.seq) !== undefined) listeners.changed(exchange);
    });
  edge.place.underWay.add(exchange);
  ring.add(exchange);
  listeners.changed(exchange);
}

function endAfter(state: State, exchange: Exchange, ms: number, error: ExchangeError | null): void {
  const { listeners, ring, unsettled } = state;
  if (exchange.ended !== null) return;
  exchange.ended = ms;
  exchange.error ??= error;
  const { place } = exchange.edge;
  const clock = exchange.clock + ms;
  place.underWay.delete(exchange);
  if (exchange.error !== null) {
    const { seq, trace } = exchange;
    place.abandoned.broke({ seq, traceId: trace.traceId }, exchange.error.code, clock);
  }
  place.lastEnd = Math.max(place.lastEnd, clock);
  if (unsettled.has(exchange)) {
    unsettled.set(exchange, setTimeout(settle, SETTLE_TIME, state, exchange).unref());
    listeners.changed(exchange);
  } else listeners.ended(exchange);
  ring.ended(exchange);
}

/** A copy of the beginning: a slice would keep the whole text in memory. */
function ownText(text: string): string {
  return text.length <= REFUSED_MOST ? text : Buffer.from(text.slice(0, REFUSED_MOST), "latin1").toString("latin1");
}
