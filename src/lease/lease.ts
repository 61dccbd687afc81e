import type { Project } from "./project.ts";

/** What a service or an edge asks for. */
export interface LeaseRequest {
  readonly project: Project;
  /** Who it is within the project: `service:web`, `edge:api→db`, `port:web:3000` (its code says 3000). */
  readonly holder: string;
  /** This port and no other. */
  readonly port?: number;
  /** With `port`: another holder of the same project gives it up, for its service is moving. */
  readonly takesOver?: boolean;
  /** A loopback address of its own (127.62.x.y) instead of 127.0.0.1: with `port`, else with one from the range. */
  readonly ownAddress?: boolean;
  /** With `ownAddress` and `port`: where that port can't be had, it is one from the range. */
  readonly orAnyPort?: boolean;
}

/** An address reserved for one holder of one project, from run to run, until it is given up. */
export interface Lease {
  readonly host: string;
  readonly port: number;
  /** The project's key. */
  readonly project: string;
  readonly root: string;
  readonly branch: string | null;
  readonly holder: string;
  /** True when this very port was asked for. */
  readonly fixed: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  /** When it was last taken, epoch ms. */
  readonly usedAt: number;
}

/** Which leases are meant; all given conditions must hold. */
export interface LeaseFilter {
  readonly host?: string;
  readonly port?: number;
  /** A project's key. */
  readonly project?: string;
  readonly root?: string;
  readonly holder?: string;
  /** True for leases of projects whose root is gone, false for all others. */
  readonly stale?: boolean;
}
