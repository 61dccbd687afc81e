import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second, ms. */
const TICK = 10;

/** CPU time that a process and its children have used, user and system, ms; null where the system doesn't tell it so. */
export function cpuTime(pid: number): number | null {
  return overFamily(pid, (one) => {
    const stat = readFileSync(`/proc/${one}/stat`, "latin1");
    // Behind the name, which may hold blanks and brackets: utime and stime are the 14th and 15th field.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  });
}

/** Memory that a process and its children hold, bytes; null where the system doesn't tell it so. */
export function resident(pid: number): number | null {
  return overFamily(pid, (one) => {
    const [, kibibytes = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, "latin1")) ?? [];
    return Number(kibibytes) * 1024;
  });
}

/** The sum over a process and its children; null where one of them can't be read. */
function overFamily(pid: number, of: (pid: number) => number): number | null {
  try {
    let sum = of(pid);
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const children = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").trim();
      for (const child of children === "" ? [] : children.split(" ")) sum += overFamily(Number(child), of) ?? 0;
    }
    return sum;
  } catch {
    return null;
  }
}
