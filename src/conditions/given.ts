import { type Fault, isFault } from "../fault/fault.ts";
import type { Condition } from "./conditions.ts";
import { findProfile, type Profile } from "./profiles.ts";
import { printCondition, readConditions } from "./text.ts";

/** Conditions as someone asked for them. */
export interface Given {
  readonly conditions: readonly Condition[];
  /** The profile's name, where it is one. */
  readonly profile: string | null;
  /** As people write them: `latency=200±50 loss=2%`. */
  readonly text: string;
}

/**
 * What a person wrote: a profile's name, conditions as text, or several of them with spaces between. Faults:
 * CONDITION_INVALID, with the nearest name.
 */
export function readGiven(text: string, own: readonly Profile[] = []): Given | Fault {
  const word = text.trim();
  const profile = /^[a-z0-9][a-z0-9-]*$/.test(word) ? findProfile(word, own) : null;
  if (profile !== null && !isFault(profile)) return given(profile.conditions, profile.name);
  const conditions = readConditions(word);
  // One plain word that is neither: more likely a profile misspelt than a kind.
  if (isFault(conditions)) return profile ?? conditions;
  return given(conditions, null);
}

function given(conditions: readonly Condition[], profile: string | null): Given {
  return { conditions, profile, text: conditions.map(printCondition).join(" ") };
}
