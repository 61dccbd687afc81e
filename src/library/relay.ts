import { type Condition, parseCondition, parseConditions } from "../conditions/conditions.ts";
import type { Bandwidth } from "../conditions/kinds/bandwidth.ts";
import type { Blackhole } from "../conditions/kinds/blackhole.ts";
import type { ConditionBase } from "../conditions/kinds/condition.ts";
import type { HttpAbort } from "../conditions/kinds/http-abort.ts";
import type { HttpCorrupt } from "../conditions/kinds/http-corrupt.ts";
import type { HttpDrop } from "../conditions/kinds/http-drop.ts";
import type { HttpSlow } from "../conditions/kinds/http-slow.ts";
import type { HttpStatus } from "../conditions/kinds/http-status.ts";
import type { HttpTruncate } from "../conditions/kinds/http-truncate.ts";
import type { Latency } from "../conditions/kinds/latency.ts";
import type { Limit } from "../conditions/kinds/limit.ts";
import type { Loss } from "../conditions/kinds/loss/loss-model.ts";
import type { Open } from "../conditions/kinds/open.ts";
import type { Refuse } from "../conditions/kinds/refuse.ts";
import type { Reset } from "../conditions/kinds/reset.ts";
import type { Slice } from "../conditions/kinds/slice.ts";
import type { SlowClose } from "../conditions/kinds/slow-close.ts";
import type { Timeout } from "../conditions/kinds/timeout.ts";
import type { WsDrop } from "../conditions/kinds/ws-drop.ts";
import { play } from "../conditions/player.ts";
import { findProfile } from "../conditions/profiles.ts";
import { planScenario, type Scenario } from "../conditions/scenarios.ts";
import { readConditions } from "../conditions/text.ts";
import { openRelay, type RelayOptions, type RelayStats } from "../door/relay/relay.ts";
import type { Upstream } from "../door/upstream/upstream.ts";
import { orThrow } from "../fault/fault.ts";

/** A kind's own parameters; what isn't given takes its default. */
type Own<C extends ConditionBase, Needed extends keyof C = never> = Pick<C, Needed> & Partial<Omit<C, "kind" | Needed>>;

const make = (kind: Condition["kind"], options: object): Condition => orThrow(parseCondition({ ...options, kind }));

// One constructor per kind. Times are ms, sizes bytes. Each throws CoveError (CONDITION_INVALID) on a value that can't be.

/** Holds every chunk back `ms` ± `jitter`. Default: the answers (`down`), uniform. */
export const latency = (options: Own<Latency, "ms">) => make("latency", options);
/** Passes `rate` bytes per second, each way; 0 blocks. */
export const bandwidth = (options: Own<Bandwidth, "rate">) => make("bandwidth", options);
/** Loses packets as TCP shows it: stalls and less throughput, never a hole. A `rate`, or bursts by `p`, `r`, `h`, `k`. */
export const loss = (options: Own<Loss>) => make("loss", options);
/** Waits `ms` before the service is connected to, and `first` more before its first byte. */
export const open = (options: Own<Open, "ms">) => make("open", options);
/** Resets new connections at once. */
export const refuse = (options: Own<Refuse> = {}) => make("refuse", options);
/** Accepts, passes nothing, stays open; what was sent arrives once it's removed. */
export const blackhole = (options: Own<Blackhole> = {}) => make("blackhole", options);
/** Cuts chunks into pieces of `size` ± `variation` bytes, `delay` ms apart. */
export const slice = (options: Own<Slice, "size">) => make("slice", options);
/** Closes the connection after `bytes`. */
export const limit = (options: Own<Limit, "bytes">) => make("limit", options);
/** Passes nothing and closes after `ms`; 0: never. */
export const timeout = (options: Own<Timeout, "ms">) => make("timeout", options);
/** Holds the end of a connection back. */
export const slowClose = (options: Own<SlowClose, "ms">) => make("slow-close", options);
/** Sends a real RST both ways after `ms`. */
export const reset = (options: Own<Reset> = {}) => make("reset", options);
/** Answers requests with `status` in the service's stead. `path`, `method` and `host` say which ones. */
export const httpStatus = (options: Own<HttpStatus, "status">) => make("http-status", options);
/** Loses requests: nothing answers, the connection stays open. */
export const httpDrop = (options: Own<HttpDrop> = {}) => make("http-drop", options);
/** Resets the connection after so many `bytes` of an answer's body. */
export const httpAbort = (options: Own<HttpAbort> = {}) => make("http-abort", options);
/** Closes the connection cleanly after so many `bytes` of an answer's body. */
export const httpTruncate = (options: Own<HttpTruncate> = {}) => make("http-truncate", options);
/** Passes answers' bodies at `rate` bytes per second. */
export const httpSlow = (options: Own<HttpSlow, "rate">) => make("http-slow", options);
/** Turns bits in a share of `rate` (1 %) of the bytes of answers' bodies. */
export const httpCorrupt = (options: Own<HttpCorrupt> = {}) => make("http-corrupt", options);
/** Loses a share of `rate` (all) of a WebSocket's messages. */
export const wsDrop = (options: Own<WsDrop> = {}) => make("ws-drop", options);
/** A preset's conditions: `slow-3g`, `offline`, `flaky-wifi`, `satellite`, `train` … */
export const profile = (name: string): readonly Condition[] => orThrow(findProfile(name)).conditions;

/** Conditions made by the constructors, as data, or a text such as `latency=200±50 loss=2%`. */
export type GivenConditions = string | readonly (Condition | { readonly kind: Condition["kind"] })[];

export interface InProcessRelayOptions {
  /** Where the service answers: a port of this machine, `{ host, port }` or `{ path }`. */
  readonly to: number | Upstream;
  readonly conditions?: GivenConditions;
  /** The same seed gives the same jitter, losses and draws. Default: a new one, which `seed` tells. */
  readonly seed?: number;
  /** Where it listens. Default 127.0.0.1 and any free port. */
  readonly host?: string;
  readonly port?: number;
}

/** A relay in this process: what the code under test connects to instead of the service. */
export interface InProcessRelay extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:61007`, for services that speak HTTP. */
  readonly url: string;
  readonly seed: number;
  readonly stats: () => RelayStats;
  /** Other conditions instead, for live connections too. */
  readonly set: (conditions: GivenConditions) => void;
  /** No conditions: bytes pass at once, and so does what was held. */
  readonly clear: () => void;
  /** Plays a scenario, seeded as the relay is. True once it came to its end; `clear()` and `set()` don't end it. */
  readonly play: (scenario: Scenario) => Promise<boolean>;
  /** Breaks its connections and frees the port. */
  readonly close: () => Promise<void>;
}

/**
 * A TCP relay with conditions, in this process; no home, no config. Throws CoveError (PORT_TAKEN, CONDITION_INVALID).
 *
 * @example
 * await using slow = await relay({ to: 5432, conditions: [latency({ ms: 200, jitter: 50 })] });
 * const client = new Client({ host: slow.host, port: slow.port });
 */
export function relay(options: InProcessRelayOptions): Promise<InProcessRelay> {
  return openInProcess(options);
}

/** The same, read along by `tap`. */
export async function openInProcess(
  options: InProcessRelayOptions,
  tap?: RelayOptions["tap"],
): Promise<InProcessRelay> {
  const { to, conditions = [], seed, host = "127.0.0.1", port = 0 } = options;
  const upstream = typeof to === "number" ? { host: "127.0.0.1", port: to } : to;
  const opened = orThrow(
    await openRelay({
      listen: { host, port },
      to: () => upstream,
      conditions: understand(conditions),
      ...(seed !== undefined && { seed }),
      ...(tap !== undefined && { tap }),
    }),
  );
  const { address } = opened;
  let stop = () => {};
  const close = () => {
    stop();
    return opened.close();
  };
  return {
    ...address,
    url: `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`,
    seed: opened.seed,
    stats: opened.stats,
    set: (wanted) => opened.setConditions(understand(wanted)),
    clear: () => opened.setConditions([]),
    play: (scenario) => {
      stop();
      const playing = play({ timeline: orThrow(planScenario(scenario, opened.seed)), on: opened });
      stop = playing.stop;
      return playing.done;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function understand(given: GivenConditions): readonly Condition[] {
  return orThrow(typeof given === "string" ? readConditions(given) : parseConditions(given));
}
