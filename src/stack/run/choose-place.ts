import type { Address } from "../../address/address.ts";
import { answersAt, type Place } from "./listening-places.ts";
import type { PlaceAnswer } from "./place-answer.ts";

/** Which of the places that a service listens on is the service. */
export type Choice =
  /** At the address that it was given. */
  | { readonly is: "own" }
  /** This one. `sure`: nothing else came into question. `certain` enough to be taken at once: it answered as a server does. */
  | { readonly is: "elsewhere"; readonly place: Place; readonly sure: boolean; readonly answered: boolean }
  | { readonly is: "several"; readonly places: readonly Place[] }
  /** It listens on nothing, or on what can't be it. */
  | { readonly is: "none" };

export interface ChoiceOptions {
  /** The address that it was given. */
  readonly own: Address;
  /** It must be this port; null: any. */
  readonly onlyPort: number | null;
  /** Whether it is a page or an API that is looked for, and not any server. */
  readonly http: boolean;
  readonly answerOf: (place: Place) => PlaceAnswer;
}

/**
 * The address that the service was given wins; then what answers like a page; then other HTTP; then whatever else
 * takes connections. Of two alike none is chosen: that is a question for the user.
 */
export function choosePlace(places: readonly Place[], { own, onlyPort, http, answerOf }: ChoiceOptions): Choice {
  if (places.some((place) => answersAt(place, own))) return { is: "own" };
  const open = places.filter(({ reach, port }) => reach !== null && (onlyPort === null || port === onlyPort));
  const ofOwnPort = open.find(({ port }) => port === own.port);
  if (ofOwnPort !== undefined) return { is: "elsewhere", place: ofOwnPort, sure: true, answered: true };
  const likely = open.filter((place) => answerOf(place) !== "helper");
  const ranks: PlaceAnswer[][] = http ? [["page"], ["http"], ["other"]] : [["page", "http", "other"]];
  for (const rank of ranks) {
    const [first, second] = likely.filter((place) => rank.includes(answerOf(place)));
    if (first === undefined) continue;
    if (second !== undefined) break;
    return { is: "elsewhere", place: first, sure: likely.length === 1, answered: !http || answerOf(first) === "page" };
  }
  return likely.length === 0 ? { is: "none" } : { is: "several", places: likely };
}
