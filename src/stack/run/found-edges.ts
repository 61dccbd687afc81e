import { isFault } from "../../fault/fault.ts";
import { openLeases } from "../../lease/leases.ts";
import { helloOf } from "./hello.ts";
import type { Running } from "./running.ts";

/** A service wants to reach one that it doesn't need, by its config: home gets an edge for it, so that it is seen. */
export function addFound(running: Running, from: string, to: string): void {
  const { plan, found, state, supervisors, batch, link } = running;
  const id = `${from}→${to}`;
  if (found.has(id)) return;
  const lease = openLeases(state).take({ project: plan.project, holder: `edge:${id}` });
  const supervisor = supervisors.get(from);
  if (isFault(lease)) {
    found.set(id, null);
    supervisor?.note(`${from} also talks to ${to}, which is not seen: ${lease.message}`);
    return;
  }
  found.set(id, { id, from, to, address: { host: lease.host, port: lease.port } });
  supervisor?.note(`${from} also talks to ${to}: add it to needs`);
  // Home would have the line twice: the hello holds it, too.
  batch.flush();
  link.renew(helloOf(running));
}
