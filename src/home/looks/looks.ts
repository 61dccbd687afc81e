import { workerCalls } from "../../async/worker-call.ts";
import type { UnnamedClients } from "../../audit/facts.ts";
import { type Fault, fault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { HeldLease } from "../../ports/uses.ts";
import type { Snapshot } from "../view/view.ts";

/** What Cove itself knows at this moment: the look names what it finds by it. */
export interface LookQuestion {
  readonly folder: string;
  readonly snapshot: Snapshot;
  readonly leases: readonly HeldLease[];
  readonly unnamed: readonly UnnamedClients[];
}

/** What was seen, as JSON; `tag` changes with it. */
export interface Sight {
  readonly text: string;
  readonly tag: string;
}

/** What the thread can be asked: `ports` gives a `PortsView`, `audit` an `AuditView`. */
export interface LookMethods {
  readonly ports: (question: LookQuestion) => Promise<Sight>;
  readonly audit: (question: LookQuestion) => Promise<Sight>;
}

/** Looks at this machine on a thread of its own: a look takes ms to seconds, in which the door's bytes would wait. */
export interface Looks {
  /** Requests during a look, or just after it, share its result. */
  readonly look: (look: keyof LookMethods) => Promise<Sight | Fault>;
  readonly close: () => Promise<void>;
}

/** A look's result is reused for this long, ms: several open pages cost as much as one. */
const FRESH = { ports: 1_000, audit: 3_000 };
/** The audit runs programs of the system, which may hang, ms. */
const DEADLINE = 45_000;
/** The thread ends after this long without requests, ms. */
const IDLE = 30_000;

/** `known`: what Cove knows at that moment. */
export function createLooks(folder: string, known: () => Omit<LookQuestion, "folder">): Looks {
  const sights = new Map<keyof LookMethods, { readonly sight: Promise<Sight | Fault>; at: number }>();
  const thread = workerCalls<LookMethods>({
    module: ownProgram("looks-thread"),
    name: "cove looks",
    limits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    idle: IDLE,
    deadline: DEADLINE,
    repeats: true,
    failed: (_, why, thrown) => {
      console.error("a look at this machine failed:", thrown ?? why);
      return FAILED;
    },
  });

  return {
    look: (look) => {
      const before = sights.get(look);
      if (before !== undefined && performance.now() - before.at < FRESH[look]) return before.sight;
      // Until it is answered it counts as under way.
      const made = { sight: thread.call(look, [{ folder, ...known() }]), at: Number.POSITIVE_INFINITY };
      sights.set(look, made);
      void made.sight.then(() => {
        made.at = performance.now();
      });
      return made.sight;
    },
    close: thread.close,
  };
}

const FAILED: Fault = fault(
  "INTERNAL",
  "Cove could not look at this machine's ports and processes",
  "home.log in Cove's state folder says why; cove doctor names the folder",
);
