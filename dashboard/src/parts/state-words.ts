import type { ServiceState } from "../../../src/stack/session/messages.ts";

/** What a state is called on the page. */
export const STATE_WORDS: Readonly<Record<ServiceState, string>> = {
  waiting: "Waiting",
  starting: "Starting",
  ready: "Ready",
  unready: "Not answering",
  restarting: "Restarting",
  failed: "Failed",
  stopping: "Stopping",
  stopped: "Stopped",
  completed: "Completed",
};
