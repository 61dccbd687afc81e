import type { ServiceView, Snapshot } from "../../../src/home/view/view.ts";
import { STATE_WORDS } from "../parts/state-words.ts";

/** What changed from one snapshot to the next, in sentences for those who don't see the map. */
export function changes(before: Snapshot, after: Snapshot): string[] {
  const told: string[] = [];
  for (const stack of after.stacks) {
    const known = before.stacks.find(({ id }) => id === stack.id);
    if (known === undefined) {
      told.push(`${stack.name} is up`);
      continue;
    }
    for (const service of stack.services) {
      const was = known.services.find(({ name }) => name === service.name)?.state;
      if (was !== service.state) told.push(sentence(stack.name, service));
    }
  }
  for (const stack of before.stacks) {
    if (!after.stacks.some(({ id }) => id === stack.id)) told.push(`${stack.name} has ended`);
  }
  return told;
}

function sentence(stack: string, { name, state, cause }: ServiceView): string {
  const why = /^(failed|unready|restarting)$/.test(state) && cause !== null ? `: ${cause.message}` : "";
  const verb = state === "failed" || state === "completed" ? "has" : "is";
  return `${name} of ${stack} ${verb} ${STATE_WORDS[state].toLowerCase()}${why}`;
}
