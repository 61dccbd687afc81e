import { type Address, eachFamily } from "../../address/address.ts";
import { isUnspecified } from "../../address/classify.ts";
import { formatAddress } from "../../address/parse.ts";
import type { Route } from "../../door/upstream/routes.ts";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { type Alias, listAliases, removeAlias, setAlias } from "../../state/aliases.ts";
import { retryWhenLocked } from "../../state/retry-when-locked.ts";
import type { State } from "../../state/state.ts";
import { aliasGuard } from "../edges/service-guards.ts";
import type { AliasView } from "../view/view.ts";
import { doorName } from "./grant.ts";
import { isBelowHome, type Names } from "./names.ts";

/** Names for services that run by themselves; kept on disk, so that they are there again with the next home. */
export interface Aliases {
  readonly list: () => readonly AliasView[];
  readonly set: (name: string, to: Address) => Promise<AliasView | Fault>;
  readonly remove: (name: string) => Promise<Fault | null>;
}

export function openAliases(
  state: State,
  names: Names,
  doorPort: number,
  nameUrl: (name: string) => string,
  changed: () => void,
): Aliases {
  const known = new Map<string, Alias>();
  for (const alias of listAliases(state)) {
    known.set(alias.name, alias);
    names.claim(fullName(alias.name), owner(alias.name), aliasRoute(alias, doorPort));
  }

  const view = (alias: Alias): AliasView => ({
    name: alias.name,
    names: [fullName(alias.name)],
    url: nameUrl(fullName(alias.name)),
    address: { host: alias.host, port: alias.port },
  });

  return {
    list: () => [...known.values()].map(view),
    set: async (text, to) => {
      const name = aliasName(text);
      if (name === null) return notAName(text);
      const refusal = cannotPointAt(to, doorPort);
      if (refusal !== null) return refusal;
      if (!names.isFree(fullName(name), owner(name))) {
        const message = isBelowHome(fullName(name))
          ? `${fullName(name)} is below cove.localhost, which is Cove's own`
          : `${fullName(name)} already answers for something else`;
        return fault("NAME_TAKEN", message, "see the names with: cove, and take another", { name: fullName(name) });
      }
      const alias: Alias = { name, host: to.host, port: to.port };
      const failed = await retryWhenLocked(() => setAlias(state, alias));
      if (isFault(failed)) return failed;
      known.set(name, alias);
      names.claim(fullName(name), owner(name), aliasRoute(alias, doorPort));
      changed();
      return view(alias);
    },
    remove: async (text) => {
      const name = aliasName(text) ?? text;
      if (!known.has(name)) {
        const hint = known.size === 0 ? "there are none" : `there are: ${[...known.keys()].join(", ")}`;
        return fault("NAME_UNKNOWN", `no alias ${text}`, hint, { name });
      }
      const removed = await retryWhenLocked(() => removeAlias(state, name));
      if (isFault(removed)) return removed;
      known.delete(name);
      names.release(owner(name));
      changed();
      return null;
    },
  };
}

/** The name as it is kept, without `.localhost`; null when it is no name or one that wildcards. */
function aliasName(text: string): string | null {
  const name = doorName(text);
  return name === null || name.startsWith("*.") ? null : name.replace(/\.localhost$/, "");
}

/** `pay` answers as `pay.localhost`, `pay.shop` as `pay.shop.localhost`. */
function fullName(name: string): string {
  return `${name}.localhost`;
}

function owner(name: string): string {
  return `alias ${name}`;
}

function aliasRoute(alias: Alias, doorPort: number): Route {
  const id = `alias/${alias.name}`;
  const address: Address = { host: alias.host, port: alias.port };
  return {
    id,
    upstream: address,
    state: "ready",
    whenReady: () => Promise.resolve(true),
    logTail: () => [],
    cause: () => null,
    guard: aliasGuard(id, { doorPort, names: [fullName(alias.name)], addresses: eachFamily(address) }),
  };
}

function cannotPointAt({ host, port }: Address, doorPort: number): Fault | null {
  if (isUnspecified(host)) {
    const message = `${host} is where a server listens, not where it is reached`;
    return fault("ADDRESS_INVALID", message, `use 127.0.0.1:${port}`, { host, port });
  }
  if (port === doorPort && /^(127\.|::1$|localhost$)/.test(host)) {
    return fault("LOOP_DETECTED", `${formatAddress({ host, port })} is Cove's own door`, "give the service's own port");
  }
  return null;
}

function notAName(text: string): Fault {
  const hint = "use letters, digits and hyphens, with dots between labels, as in pay or pay.shop";
  return fault("USAGE", `${text} is no name for an alias`, hint, { name: text });
}
