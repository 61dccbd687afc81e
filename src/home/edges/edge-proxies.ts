import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import type { Condition } from "../../conditions/conditions.ts";
import { findProfile } from "../../conditions/profiles.ts";
import { printCondition } from "../../conditions/text.ts";
import { isFault, orThrow } from "../../fault/fault.ts";
import { type ApiError, notAllowed } from "../../toxiproxy/problem.ts";
import { differs, type ProxyState, type TcpProxy } from "../../toxiproxy/proxy.ts";
import { conditionsOf, type Toxic } from "../../toxiproxy/toxic.ts";
import { trafficOf } from "../../toxiproxy/traffic.ts";
import type { LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import { edgesOf } from "./edge-relays.ts";
import type { Shaper } from "./shaper.ts";

/** What a Toxiproxy client made of an edge. */
interface Made {
  readonly toxics: readonly Toxic[];
  readonly enabled: boolean;
  /** What these are, as the shaper has them. */
  readonly conditions: readonly Condition[];
}

const UNTOUCHED: Made = { toxics: [], enabled: true, conditions: [] };
const OFFLINE = orThrow(findProfile("offline")).conditions;

/**
 * The edges of living stacks as Toxiproxy's proxies: `shop:api→db`. Toxics are the edge's conditions, a disabled proxy is an
 * edge that is offline. The last change to an edge wins: `cove shape` takes toxics away, and a toxic what was shaped.
 */
export function edgeProxies(model: Model, shaper: Shaper, door: Address): () => readonly TcpProxy[] {
  const made = new WeakMap<LiveStack, Map<string, Made>>();

  function madeOf(stack: LiveStack, id: string): Made {
    const known = made.get(stack)?.get(id) ?? UNTOUCHED;
    const now = stack.shapes.get(id)?.conditions ?? [];
    const ours = now === known.conditions || (now.length === 0 && known.conditions.length === 0);
    return ours ? known : UNTOUCHED;
  }

  async function make(stack: LiveStack, id: string, toxics: readonly Toxic[], enabled: boolean) {
    const own = conditionsOf(toxics);
    const conditions = enabled ? own : [...OFFLINE, ...own];
    const text = conditions.map(printCondition).join(" ");
    const set = await shaper.set(stack, id, { conditions, profile: null, text });
    if (isFault(set)) return { error: set.message, status: 500 };
    const edges = made.get(stack) ?? new Map<string, Made>();
    made.set(stack, edges.set(id, { toxics, enabled, conditions }));
    return null;
  }

  function proxy(stack: LiveStack, { id, from, to }: { id: string; from: string; to: string }): TcpProxy {
    const name = `${stack.name}:${id}`;
    const fixed: ApiError = notAllowed(
      `${name} is an edge of the stack ${stack.name}, which says where it listens and leads: its toxics can be changed, and enabled`,
    );
    const state = (): ProxyState => ({
      listen: formatAddress(stack.edges.get(id)?.address ?? door),
      upstream: formatAddress(stack.services.get(to)?.facts.address ?? { host: "", port: 0 }),
      enabled: madeOf(stack, id).enabled,
    });
    return {
      name,
      alias: `${stack.name}:${from}:${to}`,
      state,
      toxics: () => madeOf(stack, id).toxics,
      setToxics: (toxics) => make(stack, id, toxics, madeOf(stack, id).enabled),
      update: async (wanted) => {
        const is = state();
        const moves = await differs(is, wanted, false);
        if (moves !== false) return fixed;
        return wanted.enabled === is.enabled ? null : await make(stack, id, madeOf(stack, id).toxics, wanted.enabled);
      },
      remove: async () => fixed,
      traffic: () => {
        const relay = stack.edges.get(id)?.relay ?? stack.detours.get(id);
        if (relay === undefined) return [];
        const { listen, upstream } = state();
        return trafficOf(relay.stats(), { listener: listen, proxy: name, upstream });
      },
    };
  }

  return () => [...model.stacks.values()].flatMap((stack) => edgesOf(stack).map((edge) => proxy(stack, edge)));
}
