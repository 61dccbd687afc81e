import { type WorkerCalls, workerCalls } from "../async/worker-call.ts";
import { fault } from "../fault/fault.ts";
import { ownProgram } from "../own-files/own-files.ts";
import type { AuthorityParts, LeafParts, LeafRequest } from "./issue.ts";

/** What the thread can be asked. */
export interface IssueMethods {
  readonly authority: (suffixes: readonly string[]) => Promise<AuthorityParts>;
  readonly leaf: (request: LeafRequest) => Promise<LeafParts>;
}

/** Makes certificates on a thread of its own. Faults: CERTIFICATE_FAILED. */
export type Issuer = WorkerCalls<IssueMethods>;

/** A certificate takes a few ms, the library a few hundred on a loaded machine. */
const DEADLINE = 15_000;
/** Without a new name for this long the thread ends, and its 20 MB are free, ms. */
const IDLE = 60_000;

/** The thread starts at the first call. */
export function createIssuer(): Issuer {
  return workerCalls<IssueMethods>({
    module: ownProgram("issue-thread"),
    name: "cove certificates",
    idle: IDLE,
    deadline: DEADLINE,
    repeats: true,
    keepsAlive: true,
    failed: (_, why) => fault("CERTIFICATE_FAILED", `no certificate could be made: ${why}`, "try again: cove trust"),
  });
}
