import { eachFamily } from "../../address/address.ts";
import { createGuard, type Guard } from "../../guard/guard.ts";
import type { OwnPages } from "../../guard/origin.ts";
import type { PeerPolicy } from "../../guard/peer.ts";
import type { Refusal, Refusals } from "../../guard/refusals.ts";
import { NO_OPTIONS, type ServiceGuard } from "../../guard/service-guard.ts";
import { machine } from "../../machine/machine.ts";
import type { LiveService, LiveStack } from "../model/live-stack.ts";
import type { Model } from "../model/model.ts";

/** Everything may be used by this user and by root. Where the system has no uids, users are not distinguished. */
const isOwner = (uid: number): boolean => uid === 0 || uid === process.getuid?.();

/** The guard of the door and of all relays. */
export function openGuard(model: Model, refusals: Refusals): Guard {
  const isGuest = (uid: number): boolean => {
    for (const stack of model.stacks.values()) {
      for (const { facts } of stack.services.values()) if (facts.guard?.uids.includes(uid)) return true;
    }
    return false;
  };
  const door: PeerPolicy = {
    service: null,
    lets: (uid) => isOwner(uid) || isGuest(uid),
    programs: null,
    namedOnly: false,
  };
  const { peer } = machine;
  return createGuard({ ...(peer !== undefined && { look: peer }), door, isOwner, refusals });
}

/** Only an HTTP client gets the reason for a refusal: the service's log has it for all. */
export function logRefusal(model: Model, { check, service, what, why }: Refusal): void {
  if (check !== "peer" || service === null) return;
  const at = service.lastIndexOf("/");
  const stack = model.find(service.slice(0, at));
  const name = service.slice(at + 1);
  if (stack?.services.has(name)) model.notice(stack.id, name, `refused ${what}: ${why}`);
}

/** Home itself is for this user and root only, whatever services allow; its API checks pages by itself. */
export const HOME_GUARD: ServiceGuard = {
  peers: { service: "cove/home", lets: isOwner, programs: null, namedOnly: true },
  pages: null,
  sameSite: false,
};

/** Who may use a service of a stack, over its relays and through the door. */
export function peersOf(stack: LiveStack, service: () => LiveService | undefined, name: string): PeerPolicy {
  const options = () => service()?.facts.guard ?? NO_OPTIONS;
  return {
    get service() {
      return `${stack.name}/${name}`;
    },
    lets: (uid) => isOwner(uid) || options().uids.includes(uid),
    get programs() {
      return options().programs;
    },
    get namedOnly() {
      // A box can be reached through Cove only, and a list of users excludes all others.
      return service()?.facts.path !== undefined || options().uids.length > 0;
    },
  };
}

/** How the door guards a service of a stack: by its runner's last report. */
export function guardOf(stack: LiveStack, service: LiveService, doorPort: number): ServiceGuard {
  const origins = () => service.facts.guard?.origins ?? [];
  return {
    peers: peersOf(stack, () => service, service.facts.name),
    pages: {
      get service() {
        return `${stack.name}/${service.facts.name}`;
      },
      get own() {
        return pagesOf(stack, doorPort);
      },
      get origins() {
        return origins();
      },
    },
    get sameSite() {
      return origins().length === 0;
    },
  };
}

/** An alias is a stack of one: its own page may ask it, at its name and at its address. */
export function aliasGuard(id: string, own: OwnPages): ServiceGuard {
  return {
    peers: { service: id, lets: isOwner, programs: null, namedOnly: false },
    pages: { service: id, own, origins: [] },
    sameSite: true,
  };
}

function pagesOf(stack: LiveStack, doorPort: number): OwnPages {
  const services = [...stack.services.values()];
  return {
    doorPort,
    names: services.flatMap(({ names }) => names),
    addresses: [
      ...services.flatMap(({ facts: { address, listens, chosen = [] } }) => [
        ...eachFamily(address),
        // Home listens there.
        ...chosen.map(({ port }) => ({ host: "127.0.0.1", port })),
        ...chosen.map(({ port }) => ({ host: "::1", port })),
        ...(listens === undefined ? [] : [listens]),
      ]),
      ...[...stack.edges.values()].flatMap(({ address, also = [] }) => [
        address,
        ...also.map((port) => ({ host: address.host, port })),
      ]),
    ],
  };
}
