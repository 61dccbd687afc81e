import { machine } from "../../machine/machine.ts";
import type { ProcessIdentity } from "../../machine/systems/system.ts";
import { endOrphans } from "./orphans.ts";
import { keyOf, type ProcessBook } from "./process-book.ts";

/** Ends what dead runners left. A stack may be started again only once its orphans are gone: they hold its ports. */
export interface OrphanCleanup {
  /** Every process on record whose runner is dead; signals are sent before this returns. */
  readonly endAll: () => void;
  /** What one dead runner left of a stack; resolves when that is gone. */
  readonly end: (stack: string, runner: ProcessIdentity) => Promise<void>;
  /** Resolves when nothing of this stack is being ended. */
  readonly ended: (stack: string) => Promise<void>;
}

export function createOrphanCleanup(book: ProcessBook): OrphanCleanup {
  const ending = new Map<string, Promise<void>>();

  function end(stack: string, runner: ProcessIdentity): Promise<void> {
    const leaders = book
      .list(stack)
      .filter((record) => keyOf(record.runner) === keyOf(runner))
      .map((record) => record.process);
    const before = ending.get(stack);
    const over = Promise.all([before, endOrphans(leaders, runner)]).then(() => {
      book.forget(stack, runner);
      if (ending.get(stack) === over) ending.delete(stack);
    });
    ending.set(stack, over);
    return over;
  }

  return {
    end,
    endAll: () => {
      const dead = new Map<string, { stack: string; runner: ProcessIdentity }>();
      for (const { stack, runner } of book.list()) {
        if (!machine.isRunning(runner)) dead.set(`${stack} ${keyOf(runner)}`, { stack, runner });
      }
      for (const { stack, runner } of dead.values()) void end(stack, runner);
    },
    ended: async (stack) => {
      await ending.get(stack);
    },
  };
}
