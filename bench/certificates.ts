import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLeaves, type Leaves } from "../src/certificates/leaves.ts";
import { isFault } from "../src/fault/fault.ts";
import { aligned, median, type Section } from "./section.ts";

const NAMES = 40;

/** What a name's first https request waits for. */
export const certificates: Section = {
  title: "Certificates",
  about:
    "The first of all: the thread starts, loads the X.509 library, makes the authority and one certificate. The next one of " +
    "another home: it finds the authority. A new name: the library is loaded.",
  run: async ({ rounds }) => {
    const first: number[] = [];
    const next: number[] = [];
    const fresh: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const folder = mkdtempSync(join(tmpdir(), "cove-bench-"));
      try {
        await withLeaves(folder, async (leaves) => {
          first.push(await timeOf(leaves, "first.localhost"));
          for (let n = 0; n < NAMES; n++) fresh.push(await timeOf(leaves, `n${n}.localhost`));
        });
        await withLeaves(folder, async (leaves) => void next.push(await timeOf(leaves, "next.localhost")));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    const row = (what: string, times: readonly number[]) => [
      what,
      median(times).toFixed(1),
      Math.max(...times).toFixed(1),
    ];
    return aligned([
      ["ms", "p50", "most"],
      row("the first of all", first),
      row("the first of another home", next),
      row("a new name", fresh),
    ]);
  },
};

async function withLeaves(stateFolder: string, use: (leaves: Leaves) => Promise<void>): Promise<void> {
  const leaves = createLeaves({ stateFolder, replaced: () => {} });
  try {
    await use(leaves);
  } finally {
    await leaves.close();
  }
}

async function timeOf(leaves: Leaves, name: string): Promise<number> {
  const began = performance.now();
  const made = await leaves.leaf(name);
  if (isFault(made)) throw new Error(made.message);
  return performance.now() - began;
}
