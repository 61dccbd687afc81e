import { shownSigns, spinner } from "./signs.ts";
import { cut, duration } from "./table.ts";

/** Before this, nothing is said, ms. */
const PATIENCE = 500;
const FRAME_TIME = 100;

/** What it is at, while it is at it. */
interface Progress {
  doing: string;
  readonly end: () => void;
}

let current: Progress | null = null;

/**
 * Says on standard error what a command is at, once it has taken half a second, and for how long; until something else is
 * printed or asked. Only for a terminal that lines can be drawn anew in.
 */
export function startProgress(doing: string): void {
  endProgress();
  const began = performance.now();
  let frame = 0;
  let shown = false;
  const draw = () => {
    const line = `${spinner(frame++)} ${current?.doing} ${shownSigns("…")} ${duration(performance.now() - began)}`;
    shown = true;
    process.stderr.write(`\r\x1b[K${cut(line, (process.stderr.columns ?? 80) - 1)}`);
  };
  let timer = setTimeout(() => {
    draw();
    timer = setInterval(draw, FRAME_TIME).unref();
  }, PATIENCE).unref();
  const end = () => {
    clearTimeout(timer);
    if (shown) process.stderr.write("\r\x1b[K");
  };
  current = { doing, end };
}

/** Says from now on, if it still says anything, what the command has come to: `starting api: 1 of 3 ready`. */
export function updateProgress(doing: string): void {
  if (current !== null) current.doing = doing;
}

/** Takes it away: something is to be printed in its place. */
export function endProgress(): void {
  current?.end();
  current = null;
}
