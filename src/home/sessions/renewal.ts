import { edgesMeant } from "../../conditions/target.ts";
import { isFault } from "../../fault/fault.ts";
import { conditionsIn, type Network } from "../../stack/config/network.ts";
import type { Hello, HomeMessage } from "../../stack/session/messages.ts";
import { edgesOf } from "../edges/edge-relays.ts";
import { setEdges } from "../edges/edges.ts";
import type { LiveStack } from "../model/live-stack.ts";
import type { Session, SessionTable } from "./session.ts";
import { renameStack, type StackServices, updateStack } from "./stack-entry.ts";

/** The runner says anew what its stack is, since it has applied an edited config. */
export async function renew({ home }: SessionTable, { stack, peer }: Session, hello: Hello): Promise<void> {
  if (hello.stack !== stack.id) return;
  peer?.send(await bringUpToDate(home, stack, hello, stack.facts.network ?? {}));
}

/**
 * Brings names, routes, relays and the config's conditions to what the runner says now; answers with the welcome. What stays
 * keeps its relay and connections. `before`: the network whose conditions are in force.
 */
export async function bringUpToDate(
  home: StackServices,
  stack: LiveStack,
  hello: Hello,
  before: Network,
): Promise<HomeMessage> {
  const known = new Set(edgesOf(stack).map(({ id }) => id));
  if (hello.base !== stack.facts.base) renameStack(home, stack, hello);
  updateStack(home, stack, hello);
  home.stackBook.set(hello, stack.name);
  const broken = await setEdges(stack, hello.edges, home);
  await forgetEdges(home, stack, known);
  await setConditions(home, stack, { before, after: hello.network ?? {}, known });
  const names = Object.fromEntries([...stack.services].map(([name, service]) => [name, [...service.names]]));
  const telemetry = home.telemetryUrl(stack.id);
  return { type: "welcome", base: stack.name, port: home.doorPort, telemetry, names, broken };
}

/** Edges that are gone take their conditions with them. */
async function forgetEdges(home: StackServices, stack: LiveStack, known: ReadonlySet<string>): Promise<void> {
  const now = new Set(edgesOf(stack).map(({ id }) => id));
  for (const id of known) {
    if (now.has(id)) continue;
    home.shaper.forget(stack, id);
    stack.captured.delete(id);
    const detour = stack.detours.get(id);
    stack.detours.delete(id);
    await detour?.close();
  }
}

interface NetworkChange {
  readonly before: Network;
  readonly after: Network;
  /** Edges that there were before. */
  readonly known: ReadonlySet<string>;
}

/** Sets the config's conditions that changed, and all on new edges. What was set by hand since is kept elsewhere. */
async function setConditions(
  home: StackServices,
  stack: LiveStack,
  { before, after, known }: NetworkChange,
): Promise<void> {
  const old = new Map(conditionsIn(before));
  const wanted = conditionsIn(after);
  for (const [target, given] of old) {
    if (wanted.some(([other]) => other === target)) continue;
    for (const id of meant(stack, target)) {
      if (stack.shapes.get(id)?.text === given.text) await home.shaper.clear(stack, id);
    }
  }
  for (const [target, given] of wanted) {
    const changed = JSON.stringify(old.get(target)) !== JSON.stringify(given);
    for (const on of changed ? [target] : meant(stack, target).filter((id) => !known.has(id))) {
      const set = await home.shaper.set(stack, on, given);
      if (isFault(set)) home.model.logOwn(stack.id, `the config's conditions for ${on}: ${set.message}`);
    }
  }
}

function meant(stack: LiveStack, target: string): string[] {
  const edges = edgesMeant(target, edgesOf(stack));
  return isFault(edges) ? [] : edges.map(({ id }) => id);
}
