import { fault } from "../fault/fault.ts";
import type { GuardRefusal } from "./refusals.ts";

/** Connections that the door holds at once: far more than browsers and tools of one person open. */
export interface ConnectionLimits {
  /** In all. Default 16,384. */
  readonly all: number;
  /** Of one user who is neither this one nor root. Default 1,024. */
  readonly guest: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = { all: 16_384, guest: 1_024 };

/** Checks one more connection. `ofGuest`: how many its user has; null for this user and root, to whom only `all` applies. */
export function judgeCount(open: number, ofGuest: number | null, limits: ConnectionLimits): GuardRefusal | null {
  if (ofGuest !== null && ofGuest >= limits.guest)
    return refuse(`more than ${limits.guest} connections of one other user`);
  return open >= limits.all ? refuse(`more than ${limits.all} connections at once`) : null;
}

function refuse(what: string): GuardRefusal {
  return {
    check: "limits",
    status: 503,
    fault: fault("TOO_BUSY", `${what} are refused`, "close some, and try again; keep-alive saves most of them"),
  };
}
