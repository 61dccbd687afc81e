import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { openRecordingStore, RECORDINGS_FILE } from "../../inspect/recording/store.ts";
import { stateFolder } from "../../state/folder.ts";
import { onlyOne } from "../../state/only-one.ts";
import { type Repaired, repairDatabase } from "../../state/repair.ts";
import { openState, STATE_FILE } from "../../state/state.ts";
import { checkState } from "../../state/state-fault.ts";
import type { Context } from "../terminal/context.ts";
import type { Outcome } from "./command.ts";

/** One of the state's files: how to tell that it is damaged, and how to make it. */
interface StateFile {
  readonly name: string;
  readonly check: () => Fault | null;
  readonly make: () => Fault | null;
}

/** `cove doctor --repair`: damaged files are put aside, and new ones made with what can be read. */
export async function repairState(context: Context): Promise<Outcome> {
  const folder = stateFolder();
  const damaged = filesOf(folder).filter(({ name, check }) => existsSync(join(folder, name)) && isDamaged(check()));
  // What is wrong otherwise (the disk, the folder) no repair mends.
  const other = damaged.length === 0 && existsSync(join(folder, STATE_FILE)) ? checkState() : null;
  if (other !== null) return other;
  const done: (Repaired & { readonly name: string })[] = [];
  if (damaged.length > 0) {
    const alone = onlyOne(folder, "home");
    if (isFault(alone)) return alone;
    if (alone === null)
      return fault(
        "STATE_LOCKED",
        "home runs and has the files open",
        "end it first: cove stop; then: cove doctor --repair",
      );
    try {
      for (const { name, make } of damaged) {
        const repaired = repairDatabase({ folder, name, make });
        if (isFault(repaired)) return repaired;
        done.push({ name, ...repaired });
      }
    } finally {
      alone.release();
    }
  }
  if (context.json) context.printJson({ repaired: done });
  else for (const line of done.length === 0 ? ["Nothing is damaged"] : done.map(sentence)) context.print(line);
  return 0;
}

function sentence({ name, aside, kept }: Repaired & { readonly name: string }): string {
  const rows = Object.entries(kept).filter(([, count]) => count > 0);
  const what =
    rows.length === 0
      ? "nothing of it could be read"
      : `kept: ${rows.map(([table, count]) => `${count} ${table.replaceAll("_", " ")}`).join(", ")}`;
  return `${name} is made anew, ${what}; the damaged one is ${basename(aside)} beside it`;
}

function filesOf(folder: string): StateFile[] {
  const makeState = () => closed(openState({ folder }));
  const makeRecordings = () =>
    closed(openRecordingStore({ folder, budget: Number.MAX_SAFE_INTEGER, lockTimeout: LOCK_TIMEOUT }));
  return [
    { name: STATE_FILE, check: checkState, make: makeState },
    { name: RECORDINGS_FILE, check: makeRecordings, make: makeRecordings },
  ];
}

/** How long a look waits for another process's write, ms. */
const LOCK_TIMEOUT = 500;

function closed(opened: { close: () => void } | Fault): Fault | null {
  if (isFault(opened)) return opened;
  opened.close();
  return null;
}

function isDamaged(found: Fault | null): boolean {
  return found?.detail?.damaged === true;
}
