import { writeSync } from "node:fs";

/**
 * What happens once standard output takes no more: a reader that has had enough (`cove logs | head`) ends the command quietly;
 * a full disk and the like end it with a line that says so. What can't be written to standard error is lost.
 */
export function endWithOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    tellOutputLost(error);
    process.exit(1);
  });
  process.stderr.on("error", () => {});
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the device",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is as large as it may be",
  EIO: "the device or terminal is gone",
};

let lost = false;

/** Whether something couldn't be written, though someone would have read it. */
export function isOutputLost(): boolean {
  return lost;
}

/** One line on standard error, once; also where that is the same full disk. */
export function tellOutputLost({ code, message }: NodeJS.ErrnoException): void {
  if (lost || code === "EPIPE") return;
  lost = true;
  const cause = CAUSES[code ?? ""];
  const why = cause === undefined ? message : `${cause} (${code})`;
  try {
    writeSync(2, `OUTPUT_LOST  standard output can't be written: ${why}\n`);
  } catch {
    // nowhere left to say it
  }
}
