// How fast 50 processes get 100 leases each at the same moment, one by one and all at once. Usage: node bench/lease.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TakenLeases, takeInProcesses } from "../src/lease/take-in-processes.fixture.ts";

const PROCESSES = 50;
const EACH = 100;

for (const how of ["one-by-one", "at-once"] as const) {
  const folder = mkdtempSync(join(tmpdir(), "cove-bench-lease-"));
  try {
    print(how, await takeInProcesses({ folder, processes: PROCESSES, each: EACH, how }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function print(how: string, taken: TakenLeases): void {
  const addresses = taken.leases.map(({ host, port }) => `${host}:${port}`);
  const duplicates = addresses.length - new Set(addresses).size;
  console.log(
    `${how}: ${addresses.length} leases by ${PROCESSES} processes in ${Math.round(taken.ms)} ms, ` +
      `${Math.round(addresses.length / (taken.ms / 1000))} leases/s, ` +
      `${duplicates} duplicates, ${taken.faults.length} failures`,
  );
}
