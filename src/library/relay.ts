import type { Condition } from "../conditions/conditions.ts";
import { findProfile } from "../conditions/profiles.ts";
import { orThrow } from "../fault/fault.ts";
import { type InProcessRelay, type InProcessRelayOptions, openInProcess } from "./in-process-relay.ts";

export type { Condition } from "../conditions/conditions.ts";
export type { ConditionsInput } from "../conditions/given.ts";
// cove/relay. A constructor for each kind of condition:
export * from "../conditions/list.ts";
export type { Scenario } from "../conditions/scenarios.ts";
export { CoveError } from "../fault/fault.ts";
export type { InProcessRelay, InProcessRelayOptions } from "./in-process-relay.ts";

/**
 * A preset's conditions: `slow-3g`, `offline`, `flaky-wifi`, `satellite`, `train` … Wherever conditions are given, the preset's
 * name alone works too. Throws CoveError (CONDITION_INVALID), which names the nearest one.
 *
 * @example
 * import { loss, profile, relay } from "cove";
 *
 * await using edge = await relay({ to: 5432, conditions: [...profile("cable"), loss({ rate: 0.01 })] });
 */
export function profile(name: string): readonly Condition[] {
  return orThrow(findProfile(String(name))).conditions;
}

/**
 * A TCP relay with conditions, in this process: no home, no config, nothing to start. It is closed by `await using` or `close()`,
 * and doesn't keep the process running. Throws CoveError: ADDRESS_INVALID (`to`, `host`, `port`), PORT_TAKEN, CONDITION_INVALID,
 * USAGE (any other option).
 *
 * @example
 * import { latency, relay } from "cove";
 *
 * await using slow = await relay({ to: 5432, conditions: [latency({ ms: 200, jitter: 50 })] });
 * const connection = { host: slow.host, port: slow.port };
 * slow.set("offline");
 * slow.clear();
 */
export function relay(options: InProcessRelayOptions): Promise<InProcessRelay> {
  return openInProcess(options);
}
