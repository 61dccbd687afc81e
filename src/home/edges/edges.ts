import { isDeepStrictEqual } from "node:util";
import { openTap } from "../../capture/decoders/tap.ts";
import type { Recorder } from "../../capture/recorder.ts";
import { openRelay } from "../../door/relay/relay.ts";
import { isFault } from "../../fault/fault.ts";
import type { Guard } from "../../guard/guard.ts";
import type { BrokenEdge, Hello } from "../../stack/session/messages.ts";
import type { LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";
import { callerOf, capturedEdge } from "./captured-edges.ts";
import { tellNoHttp } from "./edge-relays.ts";
import { peersOf } from "./service-guards.ts";
import { upstreamOf } from "./service-route.ts";

/**
 * Opens a relay for each edge that the runner names and closes those that it doesn't any more.
 * A relay that already listens at the right address stays, with its connections. Returns the edges that failed.
 */
export async function setEdges(
  stack: LiveStack,
  wanted: Hello["edges"],
  { guard, model, recorder }: { readonly guard: Guard; readonly model: Model; readonly recorder: Recorder },
): Promise<BrokenEdge[]> {
  const broken: BrokenEdge[] = [];
  const ids = new Set(wanted.map((edge) => edge.id));
  for (const [id, edge] of stack.edges) {
    const next = wanted.find((candidate) => candidate.id === id);
    const same = next !== undefined && isDeepStrictEqual([next.address, next.also], [edge.address, edge.also]);
    if (ids.has(id) && same && edge.relay !== null) {
      stack.edges.set(id, { ...next, relay: edge.relay });
      continue;
    }
    stack.edges.delete(id);
    await edge.relay?.close();
  }
  for (const edge of wanted) {
    if (stack.edges.has(edge.id)) continue;
    const peers = peersOf(stack, () => stack.services.get(edge.to), edge.to);
    const relay = await openRelay({
      listen: edge.address,
      ...(edge.also !== undefined && { also: edge.also }),
      admit: (client) => guard.admitTo(client, peers),
      tap: (client, peer, clock) => {
        const captured = capturedEdge(stack, edge.from, edge.to);
        if (captured === null || !captured.policy.on) return null;
        const protocol = stack.services.get(edge.to)?.facts.protocol ?? "tcp";
        const { remotePort: local = 0, localPort: remote = edge.address.port } = client;
        const claims = stack.services.get(edge.from)?.traces?.claims.accepted({ local, remote });
        return openTap(recorder, captured, callerOf(client, peer), protocol, clock, claims ?? null);
      },
      noHttp: tellNoHttp(model, stack, edge.id),
      to: () => {
        const service = stack.services.get(edge.to);
        return service === undefined ? null : upstreamOf(service.facts);
      },
    });
    if (isFault(relay)) broken.push({ id: edge.id, fault: relay });
    else {
      broken.push(...relay.missing.map((fault) => ({ id: edge.id, fault, partly: true as const })));
      relay.setConditions(stack.shapes.get(edge.id)?.conditions ?? []);
    }
    stack.edges.set(edge.id, { ...edge, relay: isFault(relay) ? null : relay });
  }
  return broken;
}

export async function closeEdges(stack: LiveStack): Promise<void> {
  const open = [...[...stack.edges.values()].map(({ relay }) => relay), ...stack.detours.values()];
  stack.edges.clear();
  stack.detours.clear();
  await Promise.all(open.map((relay) => relay?.close()));
}
