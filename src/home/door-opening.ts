import { sleep } from "../async/sleep.ts";
import type { Door } from "../door/door.ts";
import { type Fault, fault, isFault } from "../fault/fault.ts";
import { readHomeFile } from "./client/home-file.ts";

/** The system may free a killed home's port a moment after its lock, ms. */
const PORT_TIME = 1_500;

/** Opens the door; waits a moment for a port that only a home that was just killed can hold. */
export async function openDoorAfterLast(folder: string, open: () => Promise<Door | Fault>): Promise<Door | Fault> {
  const last = readHomeFile(folder)?.pid;
  const deadline = performance.now() + PORT_TIME;
  for (;;) {
    const door = await open();
    if (!isFault(door) || door.fault !== "PORT_TAKEN") return door;
    const holder = door.detail?.pid ?? null;
    if ((holder !== null && holder !== last) || performance.now() > deadline) return withNextStep(door);
    await sleep(25);
  }
}

function withNextStep(taken: Fault): Fault {
  const hint = taken.hint ?? "end that process, or pick another port for the door: COVE_PORT=62894 cove …";
  return fault(taken.fault, taken.message, hint, { ...taken.detail });
}
