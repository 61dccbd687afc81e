import { Worker } from "node:worker_threads";
import { type Fault, fault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { HeldLease } from "../../ports/uses.ts";
import type { Snapshot } from "../view/view.ts";

export type LookQuestion = {
  readonly id: number;
  readonly look: "ports" | "audit";
  readonly folder: string;
  readonly snapshot: Snapshot;
  readonly leases: readonly HeldLease[];
};

export type LookAnswer =
  | { readonly id: number; readonly text: string; readonly tag: string }
  | { readonly id: number; readonly failed: string };

/** What was seen, as JSON; `tag` changes with it. */
interface Sight {
  readonly text: string;
  readonly tag: string;
}

/** Looks at this machine on a thread of its own: a look takes ms to seconds, in which the door's bytes would wait. */
export interface Looks {
  /** `PortsView` or `AuditView`. Whoever asks while a look is under way, or just after it, gets that one. */
  readonly look: (look: LookQuestion["look"]) => Promise<Sight | Fault>;
  readonly close: () => Promise<void>;
}

/** A sight stays good for this long, ms: several pages that look on cost as much as one. */
const FRESH = { ports: 1_000, audit: 3_000 };
/** The audit asks programs of the system, which may hang, ms. */
const PATIENCE = 45_000;
/** Without questions for this long the thread and its memory are given back, ms. */
const IDLE = 30_000;

/** `known` is what Cove itself knows at this moment. */
export function createLooks(folder: string, known: () => Pick<LookQuestion, "snapshot" | "leases">): Looks {
  const sights = new Map<LookQuestion["look"], { readonly sight: Promise<Sight | Fault>; at: number }>();
  const waiting = new Map<number, (answer: Sight | Fault) => void>();
  let worker: Worker | undefined;
  let idle: NodeJS.Timeout | undefined;
  let last = 0;

  function thread(): Worker {
    if (worker !== undefined) return worker;
    const started = new Worker(ownProgram("looks-thread"), {
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 8 },
    });
    started.unref();
    started.on("message", (answer: LookAnswer) => {
      if ("failed" in answer) console.error("a look at this machine failed:", answer.failed);
      waiting.get(answer.id)?.("failed" in answer ? FAILED : answer);
    });
    started.on("error", (error) => console.error("the lookout has ended:", error));
    started.once("exit", () => {
      if (worker === started) worker = undefined;
      for (const answer of waiting.values()) answer(FAILED);
    });
    worker = started;
    return started;
  }

  function ask(look: LookQuestion["look"]): Promise<Sight | Fault> {
    const id = ++last;
    clearTimeout(idle);
    return new Promise((resolve) => {
      const late = setTimeout(() => answered(FAILED), PATIENCE);
      late.unref();
      const answered = (answer: Sight | Fault) => {
        clearTimeout(late);
        waiting.delete(id);
        if (waiting.size === 0) idle = setTimeout(() => void end(), IDLE).unref();
        resolve(answer);
      };
      waiting.set(id, answered);
      thread().postMessage({ id, look, folder, ...known() } satisfies LookQuestion);
    });
  }

  async function end(): Promise<void> {
    clearTimeout(idle);
    sights.clear();
    await worker?.terminate();
  }

  return {
    look: (look) => {
      const before = sights.get(look);
      if (before !== undefined && performance.now() - before.at < FRESH[look]) return before.sight;
      // Until it is answered it stays the one under way.
      const made = { sight: ask(look), at: Number.POSITIVE_INFINITY };
      sights.set(look, made);
      void made.sight.then(() => {
        made.at = performance.now();
      });
      return made.sight;
    },
    close: end,
  };
}

const FAILED: Fault = fault("INTERNAL", "this machine could not be looked at", "see home.log in the state folder");
