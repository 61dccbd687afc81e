import type { ServiceView, StackView } from "../../../home/view/view.ts";

const BUSY = /^(starting|restarting|unready)$/;
const DONE = /^(ready|completed)$/;
const SETTLED = /^(ready|completed|failed|stopped)$/;

/** Every service is ready, has ended, has failed, waits in vain, or has had its time to become ready. */
export function hasSettled(stack: StackView): boolean {
  return stack.services.every(
    (service) => SETTLED.test(service.state) || service.overdue === true || isBlocked(stack, service),
  );
}

/** It waits for a service that has failed or isn't ready in time, or that waits for one in its turn. */
function isBlocked(stack: StackView, { state, needs }: ServiceView): boolean {
  if (state !== "waiting") return false;
  return stack.services.some(
    (need) => needs.includes(need.name) && (need.state === "failed" || need.overdue === true || isBlocked(stack, need)),
  );
}

/** What a stack that hasn't settled is at: `starting db, api: 1 of 3 ready`. */
export function settlingText({ services }: StackView): string {
  const busy = services.filter(({ state }) => BUSY.test(state));
  const done = services.filter(({ state }) => DONE.test(state)).length;
  const names = busy.map(({ name }) => name).join(", ");
  return `starting${names === "" ? "" : ` ${names}`}: ${done} of ${services.length} ready`;
}
