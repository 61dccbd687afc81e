import type { Address } from "../../address/address.ts";
import { LEASE_RANGE, OVERFLOW_RANGE } from "../../address/ports.ts";
import type { PortPlan } from "../../confine/calls/virtual-ports.ts";
import { isFault } from "../../fault/fault.ts";
import { openLeases } from "../../lease/leases.ts";
import { machine } from "../../machine/machine.ts";
import { type ChosenPort, plannedAs, type Running } from "./running.ts";

/** Below these only few programs may listen, and Cove may not. */
const PRIVILEGED = [1, 1_023] as const;

/**
 * Which ports a service's code gets: a leased one for each that it chooses, but for those that were leased to it, those
 * that the system or Cove itself gives away, and privileged ones. Null: those that it chooses.
 */
export function portPlan(running: Running, service: string): PortPlan | null {
  const planned = plannedAs(running, service);
  if (planned === undefined || running.plan.realPorts) return null;
  const { port } = planned.address;
  const ephemeral = machine.ephemeralRange();
  const leased = [...(running.chosen.get(service) ?? [])].map(([chosen, is]) => [chosen, is?.at.port ?? null] as const);
  const real = [
    PRIVILEGED,
    LEASE_RANGE,
    OVERFLOW_RANGE,
    [port, port] as const,
    ...(ephemeral === null ? [] : [ephemeral]),
  ];
  return { leased: new Map(leased), real };
}

/** A service's code is about to bind a port that it chose: it gets one that is leased for that. */
export function choosePort(running: Running, service: string, port: number): void {
  const { plan, state, chosen, supervisors } = running;
  const known = chosen.get(service) ?? new Map<number, ChosenPort | null>();
  chosen.set(service, known);
  if (known.has(port)) return;
  const lease = openLeases(state).take({ project: plan.project, holder: `port:${service}:${port}` });
  if (isFault(lease)) {
    supervisors.get(service)?.note(`listens on ${port} itself, since no port could be leased for it: ${lease.message}`);
    known.set(port, null);
  } else {
    const { host, port: leased } = lease;
    known.set(port, { port, at: { host, port: leased }, bound: false, kept: false });
  }
}

export function bindPort({ chosen }: Running, service: string, port: number, at: Address): void {
  const known = chosen.get(service)?.get(port);
  if (known == null) return;
  // Bound in both families, it is where everything finds it.
  const both = known.bound && known.at.host === "127.0.0.1" && known.at.port === at.port;
  Object.assign(known, { at: both ? known.at : at, bound: true });
}

/** It was bound a while ago, and still is: home may lead there. */
export function keepPort({ chosen }: Running, service: string, port: number): void {
  const known = chosen.get(service)?.get(port);
  if (known != null) known.kept = true;
}

/** Of a service that runs no more. */
export function freePorts({ chosen }: Running, service: string): void {
  for (const one of chosen.get(service)?.values() ?? [])
    if (one !== null) Object.assign(one, { bound: false, kept: false });
}

export const boundPorts = ({ chosen }: Running, service: string): ChosenPort[] =>
  [...(chosen.get(service)?.values() ?? [])].filter((one): one is ChosenPort => one?.bound === true);

/** As home is told of them. */
export const keptPorts = (running: Running, service: string): { port: number; at: Address }[] =>
  boundPorts(running, service).flatMap(({ port, at, kept }) => (kept ? [{ port, at }] : []));
