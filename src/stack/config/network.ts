import { z } from "zod";
import { type Given, parseProfile, readGiven } from "../../conditions/given.ts";
import type { Profile } from "../../conditions/profiles.ts";
import { planScenario, type Scenario } from "../../conditions/scenarios.ts";
import { edgesMeant } from "../../conditions/target.ts";
import { type Fault, isFault } from "../../fault/fault.ts";
import type { ConfigProblem } from "./source.ts";

const text = z.string();
/** Profiles' names and texts such as `latency=200±50`, or conditions as data. */
const given = z.union([text, z.array(z.union([text, z.record(z.string(), z.unknown())]))]).meta({ id: "conditions" });
const length = z.number().describe("How long it lasts, ms");
const part: z.ZodType = z
  .lazy(() =>
    z.union([
      z.strictObject({ for: length, conditions: given.describe("What it is like for so long") }),
      z.strictObject({
        for: length,
        from: given.describe("What it is like at the start"),
        to: given.describe("What it is like at the end: the same kinds in the same order"),
        steps: z.number().optional().describe("Equal steps between the two; default: one per 250 ms"),
      }),
      z.strictObject({
        repeat: z.number().describe("How often"),
        parts: z.array(part).describe("What is repeated, in order"),
      }),
      z.strictObject({
        for: length,
        base: given.optional().describe("What it is like beside the faults; default: no conditions"),
        faults: z.array(given).describe("One of these at each random moment"),
        perMinute: z.number().describe("Random moments a minute, on average"),
        lasting: z.number().describe("How long a fault lasts, ms"),
      }),
    ]),
  )
  // What the JSON schema calls it, since it holds itself.
  .meta({ id: "scenarioPart" });

/** What a stack's config says of the network between its services. */
export const networkOptions = z.object({
  conditions: z
    .record(text, given)
    .optional()
    .describe(
      "How edges misbehave from the start: `web→api: slow-3g`, `db: latency=20±5`, `all: loss=1%`. Default none",
    ),
  profiles: z.record(text, given).optional().describe("Profiles of your own, by name. Default none"),
  scenarios: z
    .record(text, z.strictObject({ parts: z.array(part).describe("What happens, in order") }))
    .optional()
    .describe("Conditions over time, by name: cove shape play NAME. Default none"),
});

export type Network = z.infer<typeof networkOptions>;

/** The config's own profiles; those that can't be read are left out, since the config was checked. */
export function profilesIn({ profiles = {} }: Network): Profile[] {
  return Object.entries(profiles).flatMap(([name, conditions]) => {
    const profile = parseProfile(name, conditions);
    return isFault(profile) ? [] : [profile];
  });
}

/** The config's scenario of that name. */
export function scenarioIn({ scenarios = {} }: Network, name: string): Scenario | undefined {
  const found = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined;
  return found && { name, parts: found.parts as Scenario["parts"] };
}

/** The config's conditions as they are to be set, in order. */
export function conditionsIn(network: Network): [string, Given][] {
  const own = profilesIn(network);
  return Object.entries(network.conditions ?? {}).flatMap(([target, wanted]): [string, Given][] => {
    const read = readGiven(wanted, own);
    return isFault(read) ? [] : [[target, read]];
  });
}

/** What the schema doesn't check: names that don't exist, values out of range. */
export function networkProblems(network: Network, needs: ReadonlyMap<string, readonly string[]>): ConfigProblem[] {
  const problem = (path: string[], { message, hint }: Fault): ConfigProblem => ({
    path,
    message: hint === undefined ? message : `${message} (${hint})`,
    what: "value",
  });
  const profiles = Object.entries(network.profiles ?? {}).flatMap(([name, conditions]) => {
    const profile = parseProfile(name, conditions);
    return isFault(profile) ? [problem(["profiles", name], profile)] : [];
  });
  const own = profilesIn(network);
  const edges = [...needs].flatMap(([from, list]) => [
    { id: `browser→${from}`, from: "browser", to: from },
    ...list.map((to) => ({ id: `${from}→${to}`, from, to })),
  ]);
  const conditions = Object.entries(network.conditions ?? {}).flatMap(([target, wanted]) => {
    const faults = [edgesMeant(target, edges), readGiven(wanted, own)].filter((one) => isFault(one));
    return faults.map((one) => problem(["conditions", target], one));
  });
  const scenarios = Object.keys(network.scenarios ?? {}).flatMap((name) => {
    const scenario = scenarioIn(network, name);
    const timeline = scenario === undefined ? null : planScenario(scenario, 1, own);
    return timeline !== null && isFault(timeline) ? [problem(["scenarios", name], timeline)] : [];
  });
  return [...profiles, ...conditions, ...scenarios];
}
