import { expect, test } from "vitest";
import { scratch } from "../../test/support/scratch.ts";
import { machine } from "../machine/machine.ts";
import { takeInProcesses } from "./take-in-processes.fixture.ts";

const PROCESSES = 50;
const EACH = 100;

test.each(["one-by-one", "at-once"] as const)(
  "fifty processes take a hundred leases each, %s, and no port twice",
  { timeout: 180_000 },
  async (how) => {
    const folder = scratch("lease");
    const listening = machine.listeningPorts();
    const { leases, faults } = await takeInProcesses({ folder, processes: PROCESSES, each: EACH, how });
    expect(faults).toEqual([]);
    expect(leases).toHaveLength(PROCESSES * EACH);
    expect(new Set(leases.map(({ port }) => port)).size).toBe(PROCESSES * EACH);
    expect(new Set(leases.map(({ project, holder }) => `${project} ${holder}`)).size).toBe(PROCESSES * EACH);
    // Listeners of other tests come and go: only those that were there all the time had to be seen.
    const stillListening = machine.listeningPorts();
    expect(leases.filter(({ port }) => listening.has(port) && stillListening.has(port))).toEqual([]);
  },
);
