import { remembered } from "../state/remembered.ts";

/** Whether long lines are broken or scroll sideways. */
export const wrapping = remembered("cove.log.wrap", ["on", "off"], "on");
