import type { PagePolicy } from "./cross-site.ts";
import type { PeerPolicy } from "./peer.ts";

/** How one service is guarded at the door: asked for each request, so an implementation may change at any time. */
export interface ServiceGuard {
  readonly peers: PeerPolicy;
  /** Null: the service judges by itself which pages may ask it (home's own API). */
  readonly pages: PagePolicy | null;
  /** Kept from pages of other sites, by Cross-Origin-Resource-Policy, unless the service says otherwise itself. */
  readonly sameSite: boolean;
}

/** What a config says of a service's guard, besides binds. */
export interface GuardOptions {
  readonly origins: readonly string[];
  readonly uids: readonly number[];
  readonly programs: readonly string[] | null;
}

export const NO_OPTIONS: GuardOptions = { origins: [], uids: [], programs: null };
