import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A variable by which everything that a row starts is known, whatever it does to its parents. */
export const MARK = "COVE_TEST_ROW";

export interface Leftover {
  readonly pid: number;
  readonly command: string;
}

/** The processes that have the row's mark in their environment or work in its folder. Linux alone tells; elsewhere none. */
export function processesOf(mark: string, folder: string): Leftover[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const environment = readFileSync(`/proc/${name}/environ`, "latin1").split("\0");
        const cwd = readlinkSync(`/proc/${name}/cwd`);
        if (!environment.includes(`${MARK}=${mark}`) && cwd !== folder && !cwd.startsWith(`${folder}/`)) return [];
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
        return [{ pid: Number(name), command }];
      } catch {
        return []; // it ended meanwhile, or is a zombie
      }
    });
}
