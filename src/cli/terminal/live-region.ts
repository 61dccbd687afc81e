import { printable } from "../../text/printable.ts";
import { endProgress } from "./progress.ts";
import { cut, width } from "./table.ts";

/** A few lines at the terminal's end that are drawn anew in place. */
export interface LiveRegion {
  readonly draw: (lines: readonly string[]) => void;
  /** Takes the region away; what is printed next stands in its place. */
  readonly clear: () => void;
}

interface Place {
  readonly write: (text: string) => unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/** Lines that don't fit on the screen are cut or left out: what has scrolled away couldn't be drawn over. */
export function liveRegion(place: Place): LiveRegion {
  let widths: readonly number[] = [];
  const columns = () => Math.max(1, place.columns ?? 80);
  // A terminal that was made narrower has broken the lines that stand there.
  const height = () => widths.reduce((sum, taken) => sum + Math.max(1, Math.ceil(taken / columns())), 0);
  const up = () => (widths.length === 0 ? "" : `\x1b[${height()}A\r\x1b[J`);
  return {
    draw: (lines) => {
      endProgress();
      const fitting = fitted(lines, columns(), place.rows ?? 24).map((line) => printable(line, "keep"));
      place.write(`${up()}${fitting.join("\n")}\n`);
      widths = fitting.map(width);
    },
    clear: () => {
      place.write(up());
      widths = [];
    },
  };
}

/** The cursor stands under the last line, and in the last column some terminals break early. */
function fitted(lines: readonly string[], columns: number, rows: number): string[] {
  const room = Math.max(1, rows - 1);
  const more = lines.length - room;
  const shown = more > 0 ? [...lines.slice(0, room - 1), `… and ${more + 1} more`] : lines;
  return shown.map((line) => cut(line, Math.max(1, columns - 1)));
}
