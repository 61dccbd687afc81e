/** How a stretch of a log line looks: SGR attributes (ECMA-48 §8.3.117). */
export interface Look {
  /** 0–15 of the theme's palette, or a CSS colour. */
  readonly color?: number | string;
  readonly background?: number | string;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly strike?: true;
  readonly inverse?: true;
}

interface Run {
  /** First character in the plain text. */
  readonly start: number;
  readonly end: number;
  readonly look: Look;
}

export interface Decoded {
  /** The line as it reads, without any control sequence. */
  readonly text: string;
  /** Stretches that look different from plain, in order, not overlapping. */
  readonly runs: readonly Run[];
}

// CSI, OSC (ended by BEL or ST), the other two-byte escapes, and control characters but tab.
const SEQUENCE =
  /\x1b\[([0-9;:<=>?]*)[ -/]*([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)|\x1b[ -/]*[0-~]?|[\x00-\x08\x0a-\x1f\x7f]/g;

/** Reads the colours of a log line; every other control sequence is dropped. What a `\r` overwrites is dropped, too. */
export function decode(raw: string): Decoded {
  const line = lastDrawing(raw);
  if (!/[\x00-\x1f\x7f]/.test(line)) return { text: line, runs: [] };
  const runs: Run[] = [];
  let text = "";
  let look: Look = {};
  let from = 0;
  const take = (piece: string) => {
    if (piece === "") return;
    const start = text.length;
    text += piece;
    if (Object.keys(look).length > 0) runs.push({ start, end: text.length, look });
  };
  for (const match of line.matchAll(SEQUENCE)) {
    take(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") look = applySgr(look, match[1] ?? "");
  }
  take(line.slice(from));
  return { text, runs };
}

/** A progress bar draws one line over and over: the last drawing is what a terminal shows. */
function lastDrawing(raw: string): string {
  if (!raw.includes("\r")) return raw;
  const drawings = raw.split("\r").filter((drawing) => drawing !== "");
  return drawings.at(-1) ?? "";
}

type Mutable = { -readonly [Key in keyof Look]: Look[Key] };

function applySgr(before: Look, parameters: string): Look {
  const look: Mutable = { ...before };
  // Sub-parameters by colon (ITU T.416) and the usual semicolons mean the same for colours.
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) for (const key of Object.keys(look) as (keyof Look)[]) delete look[key];
    else if (code === 1) look.bold = true;
    else if (code === 2) look.dim = true;
    else if (code === 3) look.italic = true;
    else if (code === 4) look.underline = true;
    else if (code === 7) look.inverse = true;
    else if (code === 9) look.strike = true;
    else if (code === 21 || code === 22) {
      delete look.bold;
      delete look.dim;
    } else if (code === 23) delete look.italic;
    else if (code === 24) delete look.underline;
    else if (code === 27) delete look.inverse;
    else if (code === 29) delete look.strike;
    else if (code >= 30 && code <= 37) look.color = code - 30;
    else if (code >= 90 && code <= 97) look.color = code - 82;
    else if (code === 39) delete look.color;
    else if (code >= 40 && code <= 47) look.background = code - 40;
    else if (code >= 100 && code <= 107) look.background = code - 92;
    else if (code === 49) delete look.background;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(at + 1));
      at += used;
      if (color !== null) look[code === 38 ? "color" : "background"] = color;
    }
  }
  return look;
}

/** The colour after 38 or 48, and how many parameters it took. */
function extended(codes: readonly number[]): [number | string | null, number] {
  const [mode, first = 0, second = 0, third = 0] = codes;
  if (mode === 5) return [first < 16 ? first : indexed(first), 2];
  if (mode === 2) return [`rgb(${first} ${second} ${third})`, 4];
  return [null, 1];
}

/** 16–255 of xterm's palette: a 6×6×6 cube, then 24 greys. */
function indexed(index: number): string {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (step: number) => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return `rgb(${level(Math.floor(cube / 36))} ${level(Math.floor(cube / 6) % 6)} ${level(cube % 6)})`;
}
