import type { LiveStack } from "../model/live-stack.ts";
import { COVE } from "../model/log-book.ts";
import type { Model } from "../model/model.ts";

/** Says in the stack's log that what an edge carries is not what its conditions are about. */
export function tellNoHttp(model: Model, stack: LiveStack, edge: string): (why: "tls" | "other") => void {
  return (why) => {
    const what = why === "tls" ? "TLS, which hides its requests" : "no HTTP/1 that could be followed";
    const text = `${edge} carries ${what}: conditions about HTTP do nothing there`;
    model.log(stack.id, [{ service: COVE, stream: "cove", time: Date.now(), text }]);
    model.changed();
  };
}
