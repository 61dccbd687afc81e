import type { Fault } from "../../fault/fault.ts";
import type { GuardRefusal } from "../../guard/refusals.ts";
import type { Upstream } from "../upstream/upstream.ts";

/** What a page may speak of. Everything in it may come from outside, and is escaped. */
export interface PageFacts {
  /** The Host asked for, as it came. */
  readonly host: string;
  /** The door's port. */
  readonly port?: number;
  /** Names that exist at the door. */
  readonly names?: readonly string[];
  /** The route's id: `shop/web`. */
  readonly service?: string;
  /** Where the service should answer. */
  readonly upstream?: Upstream;
  readonly log?: readonly string[];
  readonly cause?: Fault | null;
  /** Conditions on the way to it, and the edge that they are on. */
  readonly shape?: { readonly edge: string; readonly text: string } | null;
  /** The request may be sent again by a reload. */
  readonly repeatable?: boolean;
  /** When the service became ready, epoch ms; null while it isn't, or nobody knows. */
  readonly readyAt?: number | null;
  /** The system's code of the failure (`ECONNREFUSED`); for `bad-request` what is wrong, in words. */
  readonly reason?: string;
  /** What exactly is wrong with a response, in words. */
  readonly detail?: string;
  /** For `bad-request`: the status that fits. */
  readonly status?: number;
  /** For `refused`: the guard's verdict. */
  readonly refusal?: GuardRefusal;
}

/** What one kind of page says; the frame around it is the same for all. */
export interface PageContent {
  readonly status: number;
  readonly fault: Fault;
  /** Plain text. */
  readonly title: string;
  /** `calm`: wait; `ask`: something to fix in the request; `bad`: something is broken. */
  readonly tone: "calm" | "ask" | "bad";
  /** HTML, escaped already. */
  readonly body: string;
  /**
   * It reloads itself once the service is back. `after`: when that had become ready before, epoch ms, and it must have been
   * started anew since; empty: it must take connections. `pause`: where scripts are off, s.
   */
  readonly reload?: { readonly after: number | ""; readonly pause: number };
}
