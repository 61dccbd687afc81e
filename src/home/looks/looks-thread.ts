import { createHash } from "node:crypto";
import { LEASE_RANGE } from "../../address/ports.ts";
import { answerCalls } from "../../async/worker-call.ts";
import { isFault } from "../../fault/fault.ts";
import { leaseRanges } from "../../lease/range.ts";
import { machine } from "../../machine/machine.ts";
import { seePorts } from "../../ports/see.ts";
import { auditNames } from "../view/audit-names.ts";
import { portUses } from "../view/port-uses.ts";
import type { AuditView, PortsView } from "../view/view.ts";
import type { LookMethods, LookQuestion, Sight } from "./looks.ts";

answerCalls<LookMethods>({
  ports: async (question) => sightOf(await lookAtPorts(question)),
  audit: async (question) => sightOf(await lookForHoles(question)),
});

function sightOf(view: PortsView | AuditView): Sight {
  const text = JSON.stringify(view);
  return { text, tag: createHash("sha1").update(text).digest("base64url") };
}

async function lookAtPorts({ snapshot, leases }: LookQuestion): Promise<PortsView> {
  const uses = portUses(snapshot, leases, snapshot.home.door.port);
  const { rows, conflicts, notes } = await seePorts({ udp: true, exposed: false }, { uses, note: null });
  const ranges = leaseRanges(process.env);
  const [range] = isFault(ranges) ? [LEASE_RANGE] : ranges;
  return {
    listeners: rows,
    conflicts: conflicts.map(({ port, kind, between }) => ({
      port,
      kind,
      between: between.map(({ row: { host, pids } }) => ({ host, pids })),
    })),
    leases: leases.map(({ host, port, holder, root }) => ({ host, port, holder, root })),
    leaseRange: range ?? LEASE_RANGE,
    ephemeral: machine.ephemeralRange(),
    unprivilegedFrom: machine.unprivilegedFrom(),
    notes,
  };
}

async function lookForHoles({ folder, snapshot, leases, unnamed }: LookQuestion): Promise<AuditView> {
  const [{ audit }, { gatherFacts }, { withoutClosed }] = await Promise.all([
    import("../../audit/audit.ts"),
    import("../../audit/gather.ts"),
    import("../../audit/softened.ts"),
  ]);
  const facts = await gatherFacts({ folder, useOf: auditNames(snapshot, leases), unnamed });
  const { firewall, seesAllProcesses, listeners, containers } = facts;
  return {
    findings: withoutClosed(audit(facts)).open,
    firewall,
    looked: { listeners: listeners.length, containers: containers.length },
    seesAllProcesses,
  };
}
