import { KINDS, kindOf } from "../../../conditions/conditions.ts";
import { printCondition } from "../../../conditions/text.ts";
import { fault, isFault } from "../../../fault/fault.ts";
import type { HomeClient } from "../../../home/client/client.ts";
import type { Snapshot, StackView } from "../../../home/view/view.ts";
import type { Context } from "../../terminal/context.ts";
import { stackOption } from "../../terminal/options.ts";
import { duration, table } from "../../terminal/table.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { findStack, runningHome } from "../stack/project-stack.ts";
import { readScenario } from "./scenario-file.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    stackOption(command)
      .argument("[target]", "web→api (web:api), api for all that lead there, a name at the door, all; off; play")
      .argument("[condition...]", "a profile, or conditions: latency=200±50 loss=2% bandwidth=50KB/s; off")
      .option("--profiles", "list the profiles, the scenarios and the kinds of conditions")
      .option("--seed <number>", "with play: the same seed plays the same faults")
      .addHelpText(
        "after",
        `
Conditions last until they are taken off, or the stack or Cove ends. They take effect on connections that are open, too.

Examples:
  cove shape                              the edges as they are now
  cove shape web→api slow-3g
  cove shape db latency=200±50,normal loss=2%
  cove shape all offline
  cove shape web→api off
  cove shape off                          no conditions on any edge
  cove shape play commute                 a scenario of the config
  cove shape play commute.yaml web→api --seed 7
  cove shape --profiles`,
      );
  },
  run: async (context, words, options) => {
    if (options.profiles === true && words.length === 0) return listProfiles(context, options.stack);
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const { name, rest } = namedStack(words, options.stack, snapshot);
    const stack = await findStack(context, snapshot, name);
    if (isFault(stack)) return stack;
    const [target, ...conditions] = rest;
    if (target === undefined) return show(context, stack);
    if (target === "off" && conditions.length === 0) return clear(context, home, stack, "all");
    if (target === "play") return play(context, home, stack, conditions, options.seed);
    if (conditions.length === 0) return show(context, stack, target);
    if (conditions.length === 1 && conditions[0] === "off") return clear(context, home, stack, target);
    const edges = await home.shape(stack.id, target, conditions.join(" "));
    if (isFault(edges)) return edges;
    return told(context, home, stack, edges);
  },
};

/** `shop/web→api` names the stack as well. */
function namedStack(words: readonly string[], option: unknown, { stacks }: Snapshot) {
  if (option !== undefined) return { name: option, rest: words };
  const [first = "", ...others] = words;
  const slash = first.lastIndexOf("/");
  const name = first.slice(0, slash);
  if (slash < 1 || !stacks.some((stack) => stack.name === name)) return { name: undefined, rest: words };
  return { name, rest: [first.slice(slash + 1), ...others] };
}

async function clear(context: Context, home: HomeClient, stack: StackView, target: string): Promise<Outcome> {
  const edges = await home.unshape(stack.id, target);
  return isFault(edges) ? edges : told(context, home, stack, edges);
}

/** Shows the edges that were changed, as they are now. */
async function told(context: Context, home: HomeClient, stack: StackView, ids: readonly string[]): Promise<Outcome> {
  const snapshot = await home.snapshot();
  if (isFault(snapshot)) return snapshot;
  const now = snapshot.stacks.find(({ id }) => id === stack.id) ?? stack;
  return show(context, { ...now, edges: now.edges.filter(({ id }) => ids.includes(id)) });
}

function show(context: Context, { name, edges }: StackView, target?: string): Outcome {
  const shown = target === undefined ? edges : edges.filter(({ id, to }) => to === target || sameEdge(id, target));
  if (shown.length === 0 && target !== undefined) {
    const has = edges.map(({ id }) => id).join(", ");
    return fault("SERVICE_UNKNOWN", `no edge is ${target} or leads there`, `there are: ${has || "none"}`);
  }
  if (context.json) {
    context.printJson({ stack: name, edges: shown.map(({ id, from, to, shape }) => ({ id, from, to, shape })) });
    return 0;
  }
  const rows = shown.map(({ id, shape }) => {
    if (shape === null) return [id, context.paint("dim", "no conditions"), ""];
    const name = shape.scenario === null ? (shape.profile ?? "") : `${shape.scenario} (plays)`;
    return [
      id,
      context.paint("yellow", name || shape.text),
      context.paint("dim", name ? shape.text || "no conditions" : ""),
    ];
  });
  for (const line of table(rows)) context.print(line);
  for (const { id, shape } of shown) {
    if (shape?.failed !== undefined) context.print(`${id}: ${shape.failed}`);
    if (shape?.noHttp === undefined) continue;
    const what = shape.noHttp === "tls" ? "TLS" : "no HTTP/1";
    context.print(`${id} carries ${what}: conditions about HTTP do nothing there`);
  }
  return 0;
}

function sameEdge(id: string, target: string): boolean {
  return id === target.replace(/\s*(?:→|->|:)\s*/, "→");
}

async function play(
  context: Context,
  home: HomeClient,
  stack: StackView,
  [wanted, target = "all"]: readonly string[],
  seedText: unknown,
): Promise<Outcome> {
  if (wanted === undefined) return fault("USAGE", "which scenario?", "for example: cove shape play commute.yaml");
  const seed = typeof seedText === "string" ? Number(seedText) : undefined;
  if (seed !== undefined && !(Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff)) {
    return fault("USAGE", `${String(seedText)} is no seed`, "a whole number from 0 to 4294967295");
  }
  const scenario = await readScenario(context.cwd, wanted);
  if (isFault(scenario)) return scenario;
  const played = await home.play(stack.id, { target, ...scenario, ...(seed !== undefined && { seed }) });
  if (isFault(played)) return played;
  if (context.json) {
    const { name, seed, edges, length: lengthMs } = played;
    context.printJson({ stack: stack.name, scenario: name, seed, lengthMs, edges });
  } else {
    context.print(
      `${played.name} plays on ${played.edges.join(", ")} for ${duration(played.length)}, seed ${played.seed}`,
    );
    context.print(context.paint("dim", "  cove logs -f shows each step; cove shape off ends it"));
  }
  return 0;
}

async function listProfiles(context: Context, stackName: unknown): Promise<Outcome> {
  const { PROFILES } = await import("../../../conditions/profiles.ts");
  const builtIn = PROFILES.map(({ name, source, conditions }) => {
    return { name, source, own: false, text: conditions.map(printCondition).join(" ") };
  });
  let shapes = { profiles: builtIn, scenarios: [] as readonly string[] };
  const running = await runningHome();
  if (isFault(running) && stackName !== undefined) return running;
  if (!isFault(running)) {
    const stack = await findStack(context, running.snapshot, stackName);
    if (isFault(stack) && stackName !== undefined) return stack;
    const found = isFault(stack) ? stack : await running.home.shapes(stack.id);
    if (!isFault(found)) shapes = { ...found, profiles: [...found.profiles] };
  }
  const kinds = Object.values(KINDS).map(({ kind }) => kindOf({ kind } as Parameters<typeof kindOf>[0]));
  if (context.json) {
    const all = kinds.map(({ kind, about, direction, fields }) => ({ kind, about, direction, fields }));
    context.printJson({ ...shapes, kinds: all });
    return 0;
  }
  const heading = (text: string) => context.print(context.paint("bold", text));
  heading("profiles");
  for (const line of table(
    shapes.profiles.map(({ name, text, source }) => [name, text, context.paint("dim", source)]),
  )) {
    context.print(line);
  }
  if (shapes.scenarios.length > 0) {
    heading("\nscenarios");
    for (const name of shapes.scenarios) context.print(`  ${name}`);
  }
  heading("\nconditions");
  for (const line of table(kinds.map(({ kind, about }) => [kind, about]))) context.print(line);
  return 0;
}
