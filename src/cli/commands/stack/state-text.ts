import type { ServiceState } from "../../../stack/session/messages.ts";
import type { Context } from "../../terminal/context.ts";

const STYLES: Record<ServiceState, "green" | "yellow" | "red" | "dim"> = {
  waiting: "dim",
  starting: "yellow",
  ready: "green",
  unready: "red",
  restarting: "yellow",
  failed: "red",
  stopping: "yellow",
  stopped: "dim",
  completed: "green",
};

/** A state in its colour: green for what is well, yellow for what changes, red for what needs someone. */
export function stateText(context: Context, state: ServiceState): string {
  return context.paint(STYLES[state], state);
}
