import { type ConditionsInput, readGiven } from "../conditions/given.ts";
import { type Playing, play } from "../conditions/player.ts";
import { planScenario, type Scenario } from "../conditions/scenarios.ts";
import { openRelay, type RelayOptions, type RelayStats } from "../door/relay/relay.ts";
import type { Upstream } from "../door/upstream/upstream.ts";
import { orThrow } from "../fault/fault.ts";
import { holdProcess } from "./hold.ts";
import { readRelayOptions } from "./relay-options.ts";

/** What a relay is opened with. */
export interface InProcessRelayOptions {
  /** Where the service answers: a port of this machine, `{ host, port }` or, for a Unix socket or a named pipe, `{ path }`. */
  readonly to: number | Upstream;
  /** The conditions from the start: made by the constructors, a profile's name, a text such as `latency=200±50`. Default: none. */
  readonly conditions?: ConditionsInput;
  /** 0 to 4294967295. The same seed gives the same jitter, losses and draws. Default: a new one, which the relay's `seed` tells. */
  readonly seed?: number;
  /** The loopback address that it listens on. Default 127.0.0.1. */
  readonly host?: string;
  /** Default: any free port. */
  readonly port?: number;
}

/** A relay in this process: what the code under test connects to instead of the service. */
export interface InProcessRelay extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** `http://127.0.0.1:61007`, for services that speak HTTP. */
  readonly url: string;
  readonly seed: number;
  /** Connections, and bytes each way. */
  readonly stats: () => RelayStats;
  /** Replaces the conditions, for open connections too. Throws CoveError (CONDITION_INVALID). */
  readonly set: (conditions: ConditionsInput) => void;
  /** No conditions: bytes pass at once, and so does what was held. */
  readonly clear: () => void;
  /**
   * Plays a scenario, with the relay's seed. Resolves to true once it came to its end, to false if another one was started or
   * the relay was closed before. `clear()` and `set()` don't end it. The process runs on until then. Throws CoveError
   * (CONDITION_INVALID).
   */
  readonly play: (scenario: Scenario) => Promise<boolean>;
  /** Keeps the process running until the relay is closed; without this call it doesn't. */
  readonly ref: () => void;
  /** Breaks its connections and frees the port. */
  readonly close: () => Promise<void>;
}

interface Extras {
  /** Reads along what passes. */
  readonly tap?: RelayOptions["tap"];
  /** Options that the caller has read itself. */
  readonly more?: readonly string[];
}

/** A relay for `relay` and for what is built on it. */
export async function openInProcess(options: InProcessRelayOptions, extras: Extras = {}): Promise<InProcessRelay> {
  const { listen, upstream, conditions, seed } = orThrow(readRelayOptions(options, extras.more));
  const opened = orThrow(
    await openRelay({
      ...{ listen, conditions, to: () => upstream, background: true },
      ...(seed !== undefined && { seed }),
      ...(extras.tap !== undefined && { tap: extras.tap }),
    }),
  );
  const { address } = opened;
  let playing: Playing | null = null;
  let letGo: (() => void) | null = null;
  const close = () => {
    playing?.stop();
    letGo?.();
    return opened.close();
  };
  return {
    ...address,
    url: `http://${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`,
    seed: opened.seed,
    stats: opened.stats,
    set: (wanted) => opened.setConditions(orThrow(readGiven(wanted)).conditions),
    clear: () => opened.setConditions([]),
    play: async (scenario) => {
      const timeline = orThrow(planScenario(scenario, opened.seed));
      playing?.stop();
      playing = play({ timeline, on: opened });
      return playing.done.finally(holdProcess());
    },
    ref: () => {
      letGo ??= holdProcess();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
