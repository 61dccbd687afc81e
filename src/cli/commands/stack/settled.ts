import type { ServiceView, StackView } from "../../../home/view/view.ts";

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
