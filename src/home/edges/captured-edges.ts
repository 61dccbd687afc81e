import type { Socket } from "node:net";
import { basename } from "node:path";
import { formatAddress } from "../../address/parse.ts";
import { type Caller, callerFinder, newCaller } from "../../capture/caller.ts";
import { CAPTURE_ALL, CAPTURE_NONE, type CapturePolicy } from "../../capture/edge.ts";
import type { CapturedEdge } from "../../capture/exchange.ts";
import type { Peer } from "../../guard/peer.ts";
import { findSocketProcess } from "../../machine/lookups.ts";
import type { HelloService } from "../../stack/session/messages.ts";
import type { LiveStack } from "../model/live-stack.ts";

/** An edge as the recorder knows it: one object as long as its stack stands. Null where its service is gone. */
export function capturedEdge(stack: LiveStack, from: string, to: string): CapturedEdge | null {
  const id = `${from}→${to}`;
  const known = stack.captured.get(id);
  if (known !== undefined) return known;
  const service = stack.services.get(to);
  if (service === undefined) return null;
  const edge: CapturedEdge = {
    ...{ id, stack: stack.name, root: stack.facts.root, from, to },
    origin: stack.services.get(from)?.place ?? null,
    place: service.place,
    get policy() {
      return policyOf(service.facts.capture);
    },
  };
  stack.captured.set(id, edge);
  return edge;
}

const policies = new WeakMap<object, CapturePolicy>();

/** The same object for the same facts: the door asks for every request. */
function policyOf(options: HelloService["capture"]): CapturePolicy {
  if (options === undefined) return CAPTURE_ALL;
  const known = policies.get(options);
  if (known !== undefined) return known;
  const { on, bodies = CAPTURE_ALL.bodies, skip = [], slow = null, redact = [] } = options;
  const policy = on ? { on, bodies, skip, slow, redact } : CAPTURE_NONE;
  policies.set(options, policy);
  return policy;
}

export function callerOf(client: Socket, { uid, inode }: Peer): Caller {
  const { remoteAddress = "", remotePort = 0 } = client;
  return newCaller(formatAddress({ host: remoteAddress, port: remotePort }), uid, inode);
}

/** Names callers by their sockets, where the system tells. */
export function nameCallers(): (caller: Caller, now: number) => Promise<void> | null {
  return callerFinder(async (inode, uid) => {
    const found = await findSocketProcess(inode, uid);
    if (found === null) return null;
    const { pid, executable } = found;
    return { pid, program: executable === null ? `pid ${pid}` : basename(executable) };
  });
}
