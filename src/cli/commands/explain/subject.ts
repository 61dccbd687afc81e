import { classify, isLoopback } from "../../../address/classify.ts";
import { formatAddress } from "../../../address/parse.ts";
import { type Fault, fault } from "../../../fault/fault.ts";
import { nearest } from "../../../fault/spelling.ts";
import type { PortUse } from "../../../ports/uses.ts";
import type { CoveKnowledge } from "../ports/cove-uses.ts";
import { addressesIn } from "./hosts-file.ts";
import type { Target } from "./target.ts";

/** What is to be explained, once words and names have become addresses. */
export interface Subject {
  /** As it is to be called in the heading. */
  readonly called: string;
  /** The host as asked for; null when only a port was. */
  readonly host: string | null;
  /** The IP addresses that the host stands for; empty where only the system's resolver would know. */
  readonly addresses: readonly string[];
  readonly port: number | null;
  /** What Cove has it for. */
  readonly use: PortUse | null;
  /** The service's own address, behind a name at the door. */
  readonly behind: { readonly host: string; readonly port: number } | null;
  readonly scheme: string | null;
}

/** What resolving needs to know. */
export interface Resolving {
  readonly knowledge: CoveKnowledge;
  /** The text of /etc/hosts. */
  readonly hostsFile: string;
}

const LOCALHOST = ["127.0.0.1", "::1"] as const;

/** The tour: Cove's own address. */
export function doorSubject({ knowledge }: Resolving): Subject {
  const port = knowledge.doorPort;
  const use = knowledge.uses.at({ host: "127.0.0.1", port });
  return {
    called: `127.0.0.1:${port}`,
    host: "127.0.0.1",
    addresses: ["127.0.0.1"],
    port,
    use,
    behind: null,
    scheme: null,
  };
}

/** Finds what a target means on this machine. Faults: NAME_UNKNOWN. */
export function resolveSubject(
  target: Exclude<Target, { kind: "own" | "pid" | "range" | "network" }>,
  resolving: Resolving,
): Subject | Fault {
  const { uses } = resolving.knowledge;
  if (target.kind === "port") {
    const { port } = target;
    const use = uses.at({ host: "127.0.0.1", port });
    return { called: `port ${port}`, host: null, addresses: [], port, use, behind: null, scheme: null };
  }
  if (target.kind === "word") return wordSubject(target.word, resolving);
  const { host, isName, port, scheme } = target;
  if (!isName) {
    const called = port === null ? host : formatAddress({ host, port });
    const use = port === null ? null : uses.at({ host: classify(host) === "unspecified" ? "127.0.0.1" : host, port });
    return { called, host, addresses: [host], port, use, behind: null, scheme };
  }
  const named = atDoor(host, port, resolving);
  if (named !== null) return named;
  const own = addressesIn(resolving.hostsFile, host);
  const addresses = host === "localhost" || isLoopback(host) ? [...LOCALHOST] : own;
  const use =
    port === null ? null : (addresses.map((ip) => uses.at({ host: ip, port })).find((one) => one !== null) ?? null);
  const called = port === null ? host : `${host}:${port}`;
  return { called, host, addresses, port, use, behind: null, scheme };
}

/** A name that the door knows: `web.shop.localhost`, with or without its ending. */
function atDoor(name: string, port: number | null, { knowledge }: Resolving): Subject | null {
  const { snapshot, doorPort } = knowledge;
  if (snapshot === null || (port !== null && port !== doorPort && port !== 80 && port !== 443)) return null;
  const wanted = [name, `${name}.localhost`];
  const door = { host: name, addresses: LOCALHOST, port: doorPort, scheme: null };
  for (const stack of snapshot.stacks) {
    for (const service of stack.services) {
      const found = service.names.find((one) => wanted.includes(one));
      if (found === undefined) continue;
      const use = knowledge.uses.at(service.address);
      return { ...door, called: `${found}:${doorPort}`, host: found, use, behind: service.address };
    }
  }
  for (const alias of snapshot.aliases) {
    const found = alias.names.find((one) => wanted.includes(one));
    if (found === undefined) continue;
    const use = { use: "alias", label: alias.name, url: alias.url } as const;
    return { ...door, called: `${found}:${doorPort}`, host: found, use, behind: alias.address };
  }
  if (name !== "cove.localhost") return null;
  return {
    ...door,
    called: `${name}:${doorPort}`,
    use: knowledge.uses.at({ host: "127.0.0.1", port: doorPort }),
    behind: null,
  };
}

/** `web`, `shop/web`, `api→db`: a service, an edge, an alias or a lease. */
function wordSubject(word: string, resolving: Resolving): Subject | Fault {
  const { knowledge, hostsFile } = resolving;
  for (const [address, use] of knowledge.uses.all) {
    if (!namesOf(use).includes(word)) continue;
    return {
      called: formatAddress(address),
      host: address.host,
      addresses: [address.host],
      port: address.port,
      use,
      behind: null,
      scheme: null,
    };
  }
  const named = atDoor(word, null, resolving);
  if (named !== null) return named;
  const own = addressesIn(hostsFile, word);
  if (own.length > 0)
    return { called: word, host: word, addresses: own, port: null, use: null, behind: null, scheme: null };
  const known = knowledge.uses.all.flatMap(([, use]) => namesOf(use));
  const meant = nearest(word, known);
  return fault(
    "NAME_UNKNOWN",
    `nothing is called ${word} here: no service, edge, alias or lease, and no entry in the hosts file`,
    meant === null
      ? "for an address or a port: cove explain 127.0.0.1:3000; for what runs: cove"
      : `did you mean ${meant}? cove explain ${meant}`,
  );
}

function namesOf(use: PortUse): string[] {
  switch (use.use) {
    case "service":
      return [use.service, `${use.stack}/${use.service}`, use.label];
    case "edge":
      return [`${use.from}→${use.to}`, `${use.stack}/${use.from}→${use.to}`];
    case "lease":
      return [use.holder.slice(use.holder.indexOf(":") + 1), use.label.replace("lease: ", ""), use.holder];
    case "alias":
      return [use.label];
    case "door":
      return ["door", "cove"];
  }
}
