import { randomInt } from "node:crypto";
import type { Given } from "../../conditions/given.ts";
import { type Playing, play } from "../../conditions/player.ts";
import type { Profile } from "../../conditions/profiles.ts";
import { planScenario, type Scenario } from "../../conditions/scenarios.ts";
import { edgesMeant } from "../../conditions/target.ts";
import { printCondition } from "../../conditions/text.ts";
import { openRelay, type Relay } from "../../door/relay/relay.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import type { Guard } from "../../guard/guard.ts";
import type { LiveStack, Shape } from "../model/live-stack.ts";
import { COVE } from "../model/log-book.ts";
import type { Model } from "../model/model.ts";
import type { Played } from "../view/view.ts";
import { HOME_GUARD } from "./service-guards.ts";
import { upstreamOf } from "./service-route.ts";

/** Puts conditions on the edges of living stacks. They last until they are taken away, or the stack or home ends. */
export interface Shaper {
  /** Sets an edge, all edges to a service, or all; gives their ids. Faults: SERVICE_UNKNOWN, PORT_TAKEN. */
  readonly set: (stack: LiveStack, target: string, given: Given) => Promise<readonly string[] | Fault>;
  /** Back to as good as it is; also ends what plays there. */
  readonly clear: (stack: LiveStack, target: string) => Promise<readonly string[] | Fault>;
  /** Starts a scenario. Faults: SERVICE_UNKNOWN, CONDITION_INVALID, PORT_TAKEN. */
  readonly play: (stack: LiveStack, target: string, scenario: Scenario, seed?: number) => Promise<Played | Fault>;
}

export function createShaper(model: Model, guard: Guard, profilesOf: (stack: LiveStack) => readonly Profile[]): Shaper {
  /** What plays, by stack and edge. */
  const playing = new WeakMap<LiveStack, Map<string, Playing>>();

  async function apply(stack: LiveStack, id: string, shape: Shape | null): Promise<Fault | null> {
    const relay = await relayOf(model, guard, stack, id, shape !== null);
    if (relay !== null && isFault(relay)) return relay;
    relay?.setConditions(shape?.conditions ?? []);
    if (shape === null) stack.shapes.delete(id);
    else stack.shapes.set(id, shape);
    model.changed();
    return null;
  }

  function stop(stack: LiveStack, ids: readonly string[]): void {
    const own = playing.get(stack);
    for (const id of ids) {
      own?.get(id)?.stop();
      own?.delete(id);
    }
  }

  async function change(stack: LiveStack, target: string, shape: Shape | null): Promise<readonly string[] | Fault> {
    const edges = edgesMeant(atTheDoor(stack, target) ?? target, edgesOf(stack));
    if (isFault(edges)) return edges;
    const ids = edges.map(({ id }) => id);
    stop(stack, ids);
    for (const id of ids) {
      const failed = await apply(stack, id, shape);
      if (failed !== null) return failed;
    }
    return ids;
  }

  return {
    set: (stack, target, { conditions, profile, text }) =>
      change(stack, target, conditions.length === 0 ? null : { conditions, profile, text, scenario: null }),
    clear: (stack, target) => change(stack, target, null),
    play: async (stack, target, scenario, seed = randomInt(2 ** 32)) => {
      const timeline = planScenario(scenario, seed, profilesOf(stack));
      if (isFault(timeline)) return timeline;
      const edges = await change(stack, target, null);
      if (isFault(edges)) return edges;
      const name = scenario.name ?? "a scenario";
      const say = (text: string) => {
        const time = Date.now();
        model.log(stack.id, [{ service: COVE, stream: "cove", time, text: `${name} on ${edges.join(", ")}: ${text}` }]);
      };
      // The relays are there before the first step, which then takes effect at once.
      for (const id of edges) {
        const relay = await relayOf(model, guard, stack, id, true);
        if (relay !== null && isFault(relay)) return relay;
      }
      const own = playing.get(stack) ?? new Map<string, Playing>();
      playing.set(stack, own);
      let steps = 0;
      const started = play({
        timeline,
        on: {
          setConditions: (conditions) => {
            const text = conditions.map(printCondition).join(" ");
            // Between its faults a scenario still plays.
            const over = ++steps >= timeline.length;
            const shape = over ? null : { conditions, profile: null, text, scenario: name };
            for (const id of edges) void apply(stack, id, shape);
          },
        },
        report: ({ conditions, at }, number) => {
          const last = number === timeline.length - 1;
          const what = conditions.map(printCondition).join(" ") || "as good as it is";
          say(`${(at / 1000).toFixed(1)} s  ${last ? "the end" : what}${number === 0 ? `  (seed ${seed})` : ""}`);
        },
      });
      for (const id of edges) own.set(id, started);
      return { name, seed, length: timeline.at(-1)?.at ?? 0, edges };
    },
  };
}

/** A service's name at the door (`web.shop.localhost`, also as a URL) stands for browsers' way to it; null: it is none. */
function atTheDoor(stack: LiveStack, target: string): string | null {
  const name = target
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/(:\d+)?\/?$/, "");
  for (const { names, facts } of stack.services.values()) if (names.includes(name)) return `browser→${facts.name}`;
  return null;
}

/** Every edge of a stack, those of browsers through the door included. */
export function edgesOf(stack: LiveStack): { id: string; from: string; to: string }[] {
  const browser = [...stack.services.values()]
    .filter(({ names }) => names.length > 0)
    .map(({ facts: { name } }) => ({ id: `browser→${name}`, from: "browser", to: name }));
  return [...browser, ...[...stack.edges.values()].map(({ id, from, to }) => ({ id, from, to }))];
}

/** The relay of an edge. Browsers' ways have none until they need one: the door goes straight to the service. */
async function relayOf(
  model: Model,
  guard: Guard,
  stack: LiveStack,
  id: string,
  needed: boolean,
): Promise<Relay | null | Fault> {
  const edge = stack.edges.get(id);
  if (edge !== undefined) return edge.relay;
  const known = stack.detours.get(id);
  if (known !== undefined || !needed) return known ?? null;
  const name = id.slice("browser→".length);
  const relay = await openRelay({
    listen: { host: "127.0.0.1", port: 0 },
    // Only the door, which has judged its own client, comes this way.
    admit: (client) => guard.admit(client, HOME_GUARD.peers),
    noHttp: tellNoHttp(model, stack, id),
    to: () => {
      const service = stack.services.get(name);
      return service === undefined ? null : upstreamOf(service.facts);
    },
  });
  if (!isFault(relay)) stack.detours.set(id, relay);
  return relay;
}

/** Says in the stack's log that what an edge carries is not what its conditions are about. */
export function tellNoHttp(model: Model, stack: LiveStack, edge: string): (why: "tls" | "other") => void {
  return (why) => {
    const what = why === "tls" ? "TLS, which hides its requests" : "no HTTP/1 that could be followed";
    const text = `${edge} carries ${what}: conditions about HTTP do nothing there`;
    model.log(stack.id, [{ service: COVE, stream: "cove", time: Date.now(), text }]);
    model.changed();
  };
}
