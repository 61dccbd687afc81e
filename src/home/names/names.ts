import type { Route, Routes } from "../../door/upstream/routes.ts";

/** Who holds which name at the door: stacks, aliases and home itself. Routes are set nowhere else. */
export interface Names {
  /** Sets a name's route; false, and nothing changes, where another owner holds that name. A null route only reserves it. */
  readonly claim: (name: string, owner: string, route: Route | null) => boolean;
  readonly isFree: (name: string, owner: string) => boolean;
  /** Takes down every name of this owner, or all but those in `keep`. */
  readonly release: (owner: string, keep?: ReadonlySet<string>) => void;
}

/** Home's owner of names. */
const HOME = "home";

/** Whether a name is below the dashboard's, which is home's alone: a page there could set cookies for the dashboard. */
export function isBelowHome(name: string): boolean {
  return name.endsWith(".cove.localhost");
}

export function createNames(routes: Routes): Names {
  const owners = new Map<string, string>();
  const isFree = (name: string, owner: string) =>
    (owners.get(name) ?? owner) === owner && (owner === HOME || !isBelowHome(name));
  return {
    isFree,
    claim: (name, owner, route) => {
      if (!isFree(name, owner)) return false;
      owners.set(name, owner);
      if (route !== null) routes.set(name, route);
      return true;
    },
    release: (owner, keep) => {
      for (const [name, holder] of owners) {
        if (holder !== owner || keep?.has(name)) continue;
        owners.delete(name);
        routes.delete(name);
      }
    },
  };
}
