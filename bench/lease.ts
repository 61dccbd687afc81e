import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TakenLeases, takeInProcesses } from "../src/lease/take-in-processes.fixture.ts";
import { aligned, type Section } from "./section.ts";

const PROCESSES = 50;
const EACH = 100;

/** How fast many processes get many leases at the same moment. */
export const lease: Section = {
  title: "Leases",
  about: `${PROCESSES} processes take ${EACH} leases each at the same moment, one by one and all at once.`,
  run: async () => {
    const rows: string[][] = [];
    for (const how of ["one-by-one", "at-once"] as const) {
      const folder = mkdtempSync(join(tmpdir(), "cove-bench-lease-"));
      try {
        rows.push(row(how, await takeInProcesses({ folder, processes: PROCESSES, each: EACH, how })));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    return aligned([["", "leases", "ms", "leases/s", "duplicates", "failures"], ...rows]);
  },
};

function row(how: string, { leases, faults, ms }: TakenLeases): string[] {
  const addresses = leases.map(({ host, port }) => `${host}:${port}`);
  const duplicates = addresses.length - new Set(addresses).size;
  const rate = Math.round(addresses.length / (ms / 1_000));
  return [how, ...[addresses.length, Math.round(ms), rate, duplicates, faults.length].map(String)];
}
