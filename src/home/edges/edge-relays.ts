import { formatAddress } from "../../address/parse.ts";
import { openRelay, type Relay } from "../../door/relay/relay.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import type { Guard } from "../../guard/guard.ts";
import type { LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import { HOME_GUARD } from "./service-guards.ts";
import { upstreamOf } from "./service-route.ts";

const BROWSER = "browser→";

/** Every edge of a stack, those of browsers through the door included. */
export function edgesOf(stack: LiveStack): { id: string; from: string; to: string }[] {
  const browser = [...stack.services.values()]
    .filter(({ names }) => names.length > 0)
    .map(({ facts: { name } }) => ({ id: `${BROWSER}${name}`, from: "browser", to: name }));
  return [...browser, ...[...stack.edges.values()].map(({ id, from, to }) => ({ id, from, to }))];
}

/**
 * The relay of an edge, opened for an edge `browser→…` that has none yet: without conditions the door goes straight to the service. Faults: PORT_TAKEN, SERVICE_UNKNOWN for an edge that is gone.
 */
export async function needRelay(model: Model, guard: Guard, stack: LiveStack, id: string): Promise<Relay | Fault> {
  const edge = stack.edges.get(id);
  if (edge?.relay === null) {
    const message = `${id} has no relay: nothing could listen on ${formatAddress(edge.address)}`;
    return fault("PORT_TAKEN", message, `see who holds the port: cove ports ${edge.address.port}`, { edge: id });
  }
  const known = edge?.relay ?? stack.detours.get(id);
  if (known !== undefined) return known;
  const name = id.slice(BROWSER.length);
  const alive = model.stacks.get(stack.id) === stack && id.startsWith(BROWSER) && stack.services.has(name);
  if (!alive) return fault("SERVICE_UNKNOWN", `${id} is gone`, "see what is up: cove", { edge: id });
  const relay = await openRelay({
    listen: { host: "127.0.0.1", port: 0 },
    // Only the door, which has judged its own client, comes this way.
    admit: (client) => guard.admit(client, HOME_GUARD.peers),
    noHttp: tellNoHttp(model, stack, id),
    to: () => {
      const service = stack.services.get(name);
      return service === undefined ? null : upstreamOf(service.facts);
    },
  });
  if (!isFault(relay)) stack.detours.set(id, relay);
  return relay;
}

/** Says in the stack's log that what an edge carries is not what its conditions are about. */
export function tellNoHttp(model: Model, stack: LiveStack, edge: string): (why: "tls" | "other") => void {
  return (why) => {
    const what = why === "tls" ? "TLS, which hides its requests" : "no HTTP/1 that could be followed";
    const text = `${edge} carries ${what}: conditions about HTTP do nothing there`;
    model.logOwn(stack.id, text);
    model.changed();
  };
}
