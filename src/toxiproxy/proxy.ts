import type { Socket } from "node:net";
import { formatAddress } from "../address/parse.ts";
import { randomFor } from "../conditions/time/random.ts";
import { openRelay, type Relay } from "../door/relay/relay.ts";
import { isFault } from "../fault/fault.ts";
import type { Peer } from "../guard/peer.ts";
import { readListen, readUpstream } from "./listen-address.ts";
import { type ApiError, cannotListen, isApiError } from "./problem.ts";
import { conditionsOf, type Toxic } from "./toxic.ts";
import { type Ledger, type Traffic, trafficOf } from "./traffic.ts";

/** What can be changed of a proxy. */
export interface ProxyState {
  /** The actual address once it's bound. */
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

/** One proxy, whatever is behind it. */
export interface TcpProxy {
  readonly name: string;
  /** Another name that it is found by: one that is easy to type. */
  readonly alias?: string;
  readonly state: () => ProxyState;
  /** In the order of adding. */
  readonly toxics: () => readonly Toxic[];
  /** For connections that are open, too. */
  readonly setToxics: (toxics: readonly Toxic[]) => Promise<ApiError | null>;
  /** Another listen or upstream starts it anew and cuts its connections. */
  readonly update: (wanted: ProxyState) => Promise<ApiError | null>;
  /** Ends it for good. */
  readonly remove: () => Promise<ApiError | null>;
  readonly traffic: () => readonly Traffic[];
}

/** What all proxies of a server have in common. */
export interface ProxyRules {
  /** They may listen on more than loopback. */
  readonly expose: boolean;
  readonly seed: number;
  /** Judges a connection before a byte of it is read; absent: all are let in. */
  readonly admit?: (client: Socket) => Peer | null;
  readonly ledger: Ledger;
}

/** A proxy with a relay of its own; it doesn't listen before `update` enables it. */
export function createProxy(name: string, listen: string, upstream: string, rules: ProxyRules): TcpProxy {
  let state: ProxyState = { listen, upstream, enabled: false };
  let toxics: readonly Toxic[] = [];
  let relay: Relay | null = null;
  let starts = 0;

  async function start(): Promise<ApiError | null> {
    const address = await readListen(state.listen, rules.expose);
    if (isApiError(address)) return address;
    const to = readUpstream(state.upstream);
    const opened = await openRelay({
      listen: address,
      to: () => to,
      conditions: conditionsOf(toxics),
      // Each proxy and each start draws its own numbers.
      seed: Math.floor(randomFor(rules.seed, name, starts++)() * 2 ** 32),
      ...(rules.admit !== undefined && { admit: rules.admit }),
    });
    if (isFault(opened)) {
      const taken = opened.detail?.error === "EADDRINUSE" ? "address already in use: " : "";
      return cannotListen(`listen tcp ${formatAddress(address)}: bind: ${taken}${opened.message}`);
    }
    relay = opened;
    state = { ...state, listen: formatAddress(opened.address), enabled: true };
    return null;
  }

  async function stop(): Promise<void> {
    rules.ledger.add(traffic());
    const closing = relay;
    relay = null;
    state = { ...state, enabled: false };
    await closing?.close("fin");
  }

  function traffic(): readonly Traffic[] {
    if (relay === null) return [];
    return trafficOf(relay.stats(), { listener: state.listen, proxy: name, upstream: state.upstream });
  }

  return {
    name,
    state: () => state,
    toxics: () => toxics,
    setToxics: async (wanted) => {
      toxics = wanted;
      relay?.setConditions(conditionsOf(toxics));
      return null;
    },
    update: async (wanted) => {
      const moves = await differs(state, wanted, rules.expose);
      if (isApiError(moves)) return moves;
      if (moves) {
        await stop();
        state = { ...state, listen: wanted.listen, upstream: wanted.upstream };
      }
      if (wanted.enabled === state.enabled) return null;
      if (wanted.enabled) return await start();
      await stop();
      return null;
    },
    remove: async () => {
      await stop();
      return null;
    },
    traffic,
  };
}

/** Whether a proxy would have to move; `localhost:80` is where 127.0.0.1:80 is. Problems: where it should listen is nowhere. */
export async function differs(
  is: ProxyState,
  wanted: Omit<ProxyState, "enabled">,
  expose: boolean,
): Promise<boolean | ApiError> {
  if (is.listen === wanted.listen) return is.upstream !== wanted.upstream;
  const address = await readListen(wanted.listen, expose);
  if (isApiError(address)) return address;
  return is.upstream !== wanted.upstream || formatAddress(address) !== is.listen;
}
