import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second, ms. */
const TICK = 10;

/** CPU time that a process and its children have used, ms; null where the system doesn't tell it so. */
export function cpuTime(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // Behind the name, which may hold blanks and brackets: utime and stime are the 14th and 15th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    let sum = (Number(fields[11]) + Number(fields[12])) * TICK;
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").trim();
      for (const child of children === "" ? [] : children.split(" ")) sum += cpuTime(Number(child)) ?? 0;
    }
    return sum;
  } catch {
    return null;
  }
}
