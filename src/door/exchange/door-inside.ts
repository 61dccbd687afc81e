import type { Breakpoints } from "../../capture/breakpoints.ts";
import type { Recorder } from "../../capture/recorder.ts";
import type { Guard } from "../../guard/guard.ts";
import type { UpstreamPool } from "../upstream/pool.ts";
import type { Routes } from "../upstream/routes.ts";

/** What all connections of one door share. */
export interface DoorInside {
  readonly routes: Routes;
  readonly pool: UpstreamPool;
  /** The port that Host must name, if it names one. */
  readonly port: number;
  /** What the door adds to Via, and knows itself by: `cove-4f2a…`. */
  readonly via: string;
  /** How long a request waits for a service that is starting, ms. */
  readonly startWait: number;
  readonly guard: Guard | null;
  /** Writes exchanges down, where a route is to be captured. */
  readonly recorder: Recorder | null;
  /** Requests that are to be held; null: none ever. */
  readonly breakpoints: Breakpoints | null;
}
