import { randomInt } from "node:crypto";
import type { Condition } from "../../conditions/conditions.ts";
import type { Given } from "../../conditions/given.ts";
import { type Playing, play as playTimeline } from "../../conditions/player.ts";
import type { Profile } from "../../conditions/profiles.ts";
import { planScenario, type Scenario, type Step, type Timeline } from "../../conditions/scenarios.ts";
import { edgesMeant } from "../../conditions/target.ts";
import { printCondition } from "../../conditions/text.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Guard } from "../../guard/guard.ts";
import type { LiveStack, Shape } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import type { Played } from "../view/view.ts";
import { edgesThatFit } from "./condition-fit.ts";
import { edgesOf, needRelay } from "./edge-relays.ts";

/** Puts conditions on the edges of living stacks. They last until they are taken away, or the stack or home ends. */
export interface Shaper {
  /**
   * Sets an edge, all edges to a service, or all; gives the ids of those that can have it. Faults: SERVICE_UNKNOWN,
   * PORT_TAKEN, CONDITION_INVALID where the conditions are about HTTP and none of the edges speaks it.
   */
  readonly set: (stack: LiveStack, target: string, given: Given) => Promise<readonly string[] | Fault>;
  /** Takes all conditions away; also ends what plays there. */
  readonly clear: (stack: LiveStack, target: string) => Promise<readonly string[] | Fault>;
  /** Starts a scenario; a later step that fails is reported in the stack's log and shown with the edge. Faults: as `set`. */
  readonly play: (stack: LiveStack, target: string, scenario: Scenario, seed?: number) => Promise<Played | Fault>;
  /** An edge is gone: its conditions and what plays on it go too. */
  readonly forget: (stack: LiveStack, edge: string) => void;
  /** Ends the scenarios of a stack that leaves. */
  readonly leave: (stack: LiveStack) => void;
}

interface Shaping {
  readonly model: Model;
  readonly guard: Guard;
  readonly profilesOf: (stack: LiveStack) => readonly Profile[];
  /** What plays, by stack and edge. */
  readonly playing: WeakMap<LiveStack, Map<string, Play>>;
}

/** A scenario on its edges. */
interface Play {
  readonly edges: readonly string[];
  playing: Playing | null;
  /** Its steps are ignored from now on. */
  stopped: boolean;
}

export function createShaper(model: Model, guard: Guard, profilesOf: (stack: LiveStack) => readonly Profile[]): Shaper {
  const shaping: Shaping = { model, guard, profilesOf, playing: new WeakMap() };
  return {
    set: (stack, target, { conditions, profile, text }) => {
      const shape = { conditions, profile, text, scenario: null, failed: null };
      return change(shaping, stack, target, conditions.length === 0 ? null : shape);
    },
    clear: (stack, target) => change(shaping, stack, target, null),
    play: (stack, target, scenario, seed = randomInt(2 ** 32)) => play(shaping, stack, target, scenario, seed),
    forget: (stack, edge) => {
      stop(shaping, stack, [edge]);
      unshape(stack, edge);
    },
    leave: (stack) => stop(shaping, stack, [...(shaping.playing.get(stack)?.keys() ?? [])]),
  };
}

async function change(
  shaping: Shaping,
  stack: LiveStack,
  target: string,
  shape: Shape | null,
): Promise<readonly string[] | Fault> {
  const ids = edgesFor(stack, target, shape?.conditions ?? []);
  if (isFault(ids)) return ids;
  stop(shaping, stack, ids);
  for (const id of ids) {
    const failed = await apply(shaping, stack, id, shape);
    if (failed !== null) return failed;
  }
  return ids;
}

/** The ids of the edges that a target means and that can have these conditions. */
function edgesFor(stack: LiveStack, target: string, conditions: readonly Condition[]): readonly string[] | Fault {
  const meant = edgesMeant(atTheDoor(stack, target) ?? target, edgesOf(stack));
  const edges = isFault(meant) ? meant : edgesThatFit(stack, meant, conditions);
  return isFault(edges) ? edges : edges.map(({ id }) => id);
}

/** Puts a shape on one edge; null takes it away, which needs no relay. `by`: the play that this is a step of. */
async function apply(
  { model, guard }: Shaping,
  stack: LiveStack,
  id: string,
  shape: Shape | null,
  by: Play | null = null,
): Promise<Fault | null> {
  if (shape === null) unshape(stack, id);
  else {
    const relay = await needRelay(model, guard, stack, id);
    if (isFault(relay) || by?.stopped) return isFault(relay) ? relay : null;
    relay.setConditions(shape.conditions);
    stack.shapes.set(id, shape);
  }
  model.changed();
  return null;
}

function unshape(stack: LiveStack, id: string): void {
  (stack.edges.get(id)?.relay ?? stack.detours.get(id))?.setConditions([]);
  stack.shapes.delete(id);
}

/** Ends what plays on these edges, on all the edges that it plays on. */
function stop({ playing }: Shaping, stack: LiveStack, ids: readonly string[]): void {
  const own = playing.get(stack);
  for (const play of ids.flatMap((id) => own?.get(id) ?? [])) {
    play.stopped = true;
    play.playing?.stop();
    for (const id of play.edges) {
      if (own?.get(id) === play) own.delete(id);
      unshape(stack, id);
    }
  }
}

async function play(
  shaping: Shaping,
  stack: LiveStack,
  target: string,
  scenario: Scenario,
  seed: number,
): Promise<Played | Fault> {
  const { model, guard, playing } = shaping;
  const timeline = planScenario(scenario, seed, shaping.profilesOf(stack));
  if (isFault(timeline)) return timeline;
  const conditions = timeline.flatMap((step) => step.conditions);
  const edges = edgesFor(stack, target, conditions);
  if (isFault(edges)) return edges;
  stop(shaping, stack, edges);
  for (const id of edges) {
    unshape(stack, id);
    // The relays are there before the first step, which then takes effect at once.
    const relay = await needRelay(model, guard, stack, id);
    if (isFault(relay)) return relay;
  }
  const name = scenario.name ?? "a scenario";
  const say = (text: string) => model.logOwn(stack.id, `${name} on ${edges.join(", ")}: ${text}`);
  const own = playing.get(stack) ?? new Map<string, Play>();
  playing.set(stack, own);
  const mine: Play = { edges, playing: null, stopped: false };
  for (const id of edges) own.set(id, mine);
  mine.playing = playTimeline({
    timeline,
    on: { setConditions: steps(shaping, stack, mine, name, timeline.length) },
    report: (step, number) => say(stepText(step, number, timeline, seed)),
  });
  return { name, seed, length: timeline.at(-1)?.at ?? 0, edges };
}

/** Takes a scenario's steps, `count` in all, on its edges. */
function steps(shaping: Shaping, stack: LiveStack, play: Play, scenario: string, count: number) {
  let taken = 0;
  return (conditions: readonly Condition[]): void => {
    if (play.stopped) return;
    const text = conditions.map(printCondition).join(" ");
    // Between its faults a scenario still plays.
    const over = ++taken >= count;
    const shape = over ? null : { conditions, profile: null, text, scenario, failed: null };
    for (const id of play.edges) void takeStep(shaping, stack, play, id, shape);
  };
}

async function takeStep(
  shaping: Shaping,
  stack: LiveStack,
  play: Play,
  id: string,
  shape: Shape | null,
): Promise<void> {
  const failed = await apply(shaping, stack, id, shape, play).catch((error: unknown) => {
    return fault("INTERNAL", error instanceof Error ? error.message : String(error));
  });
  if (failed === null || play.stopped) return;
  const { model } = shaping;
  model.logOwn(stack.id, `${shape?.scenario ?? "the end of a scenario"} failed on ${id}: ${failed.message}`);
  // What it should be, and why it isn't: no conditions are in force.
  if (shape !== null) stack.shapes.set(id, { ...shape, conditions: [], failed: failed.message });
  model.changed();
}

function stepText({ conditions, at }: Step, number: number, timeline: Timeline, seed: number): string {
  const last = number === timeline.length - 1;
  const what = conditions.map(printCondition).join(" ") || "no conditions";
  return `${(at / 1000).toFixed(1)} s  ${last ? "the end" : what}${number === 0 ? `  (seed ${seed})` : ""}`;
}

/** A service's name at the door (`web.shop.localhost`, also as a URL) means the edge browser→service; null: it is no such name. */
function atTheDoor(stack: LiveStack, target: string): string | null {
  const name = target
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, "")
    .replace(/(:\d+)?\/?$/, "");
  for (const { names, facts } of stack.services.values()) if (names.includes(name)) return `browser→${facts.name}`;
  return null;
}
