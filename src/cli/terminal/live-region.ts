import { printable } from "../../text/printable.ts";

/** A few lines at the terminal's end that are drawn anew in place. */
export interface LiveRegion {
  readonly draw: (lines: readonly string[]) => void;
  /** Takes the region away; what is printed next stands in its place. */
  readonly clear: () => void;
}

export function liveRegion(stream: NodeJS.WriteStream): LiveRegion {
  let height = 0;
  const up = () => (height === 0 ? "" : `\x1b[${height}A\x1b[J`);
  return {
    draw: (lines) => {
      const text = printable(lines.join("\n"), "keep");
      stream.write(`${up()}${text}\n`);
      height = lines.length;
    },
    clear: () => {
      stream.write(up());
      height = 0;
    },
  };
}
