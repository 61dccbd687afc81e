import type { ExchangeError } from "../../exchange.ts";
import { quoted } from "./text.ts";
import { BROKEN, NONE, numberIn, tokenScanner } from "./tokens.ts";

/** Replies within replies: Redis itself goes no deeper than a few. */
const DEEPEST = 128;
const CUT = "…";

/** A reply, or a push that nobody asked for. */
export interface Reply {
  /** As redis-cli prints it, cut at the limit. */
  readonly text: string;
  readonly error: ExchangeError | null;
  /** RESP3 says so; in RESP2 an array may be one. */
  readonly push: boolean;
  readonly array: boolean;
  /** Its first element, where that is a short string: `message`. And its third, where that is a number. */
  readonly first: string;
  readonly third: number | null;
  /** Of the whole reply. */
  readonly bytes: number;
}

/** An array, set, map or push whose elements are still to come. */
interface Nest {
  readonly type: string;
  readonly count: number;
  done: number;
  /** What its own lines begin with, and those of what is in it. */
  readonly indent: string;
  readonly digits: number;
}

const EMPTY: Readonly<Record<string, string>> = {
  "*": "(empty array)",
  "~": "(empty set)",
  "%": "(empty hash)",
  ">": "(empty push)",
};

/** Reads replies and prints them. `most`: characters of each that are kept. */
export function replyReader(
  most: number,
  began: () => void,
  told: (reply: Reply) => boolean,
): (bytes: Buffer) => boolean {
  const nests: Nest[] = [];
  let text = "";
  let cut = false;
  let idle = true;
  let total = 0;
  let error: ExchangeError | null = null;
  let type = "";
  let first = "";
  let third: number | null = null;
  // Of the bulk string at hand.
  let bulk = "";
  let kept: Buffer[] = [];
  let keptSize = 0;
  let size = 0;

  function print(more: string): void {
    if (cut) return;
    text += more;
    if (text.length <= most) return;
    text = text.slice(0, most) + CUT;
    cut = true;
  }

  /** What stands before the next element. */
  function lead(): void {
    const nest = nests.at(-1);
    if (nest === undefined || cut || nest.type === "|") return;
    const { done, indent, digits } = nest;
    if (nest.type === "%" && done % 2 === 1) return print(" => ");
    const number = String(nest.type === "%" ? done / 2 + 1 : done + 1).padStart(digits);
    const sign = nest.type === "%" ? "#" : nest.type === "~" ? "~" : ")";
    print(`${done === 0 ? "" : `\n${indent}`}${number}${sign} `);
  }

  /** A value without others in it. */
  function value(printed: string): boolean {
    const quiet = nests.some((nest) => nest.type === "|");
    if (!quiet) {
      lead();
      print(printed);
    }
    return element();
  }

  /** One more is whole: maybe what it is in, too. */
  function element(): boolean {
    for (let nest = nests.at(-1); nest !== undefined; nest = nests.at(-1)) {
      if (++nest.done < nest.count) return true;
      nests.pop();
      // An attribute comes before the value that it is about.
      if (nest.type === "|") return true;
    }
    const reply = { text, error, push: type === ">", array: type === "*", first, third, bytes: total };
    text = "";
    cut = false;
    idle = true;
    total = 0;
    error = null;
    first = "";
    third = null;
    return told(reply);
  }

  function open(kind: string, count: number): boolean {
    const pairs = kind === "%" || kind === "|";
    if (count <= 0) {
      // An attribute without pairs is nothing.
      if (kind === "|") return true;
      return value(count < 0 ? "(nil)" : (EMPTY[kind] ?? ""));
    }
    if (nests.length >= DEEPEST) return false;
    const outer = nests.at(-1);
    if (kind !== "|" && !nests.some((nest) => nest.type === "|")) lead();
    const indent = outer === undefined ? "" : outer.indent + " ".repeat(outer.digits + 2);
    // A map's value of several lines has lines of its own.
    if (outer?.type === "%" && outer.done % 2 === 1 && count > 1) print(`\n${indent}`);
    nests.push({ type: kind, count: pairs ? count * 2 : count, done: 0, indent, digits: String(count).length });
    return true;
  }

  /** Whether the value at hand is element `n` of the reply itself. */
  const isElement = (n: number) => nests.length === 1 && nests[0]?.done === n && nests[0].type !== "|";

  return tokenScanner({
    line: (bytes, from, to) => {
      if (from === to) return BROKEN;
      total += to - from + 2;
      if (idle) {
        idle = false;
        began();
      }
      const kind = String.fromCharCode(bytes[from] as number);
      if (nests.length === 0) type = kind;
      const rest = () => bytes.toString("utf8", from + 1, to);
      const ok = (fine: boolean) => (fine ? NONE : BROKEN);
      switch (kind) {
        case "+":
        case "(":
          return ok(value(rest()));
        case "-":
          if (nests.length === 0) error = errorOf(rest());
          return ok(value(`(error) ${rest()}`));
        case ":": {
          const number = numberIn(bytes, from, to);
          if (isElement(2)) third = number;
          return ok(value(`(integer) ${rest()}`));
        }
        case "_":
          return ok(value("(nil)"));
        case "#":
          return ok(value(rest() === "t" ? "(true)" : "(false)"));
        case ",":
          return ok(value(`(double) ${rest()}`));
        case "*":
        case "~":
        case "%":
        case ">":
        case "|": {
          const count = numberIn(bytes, from, to);
          return ok(count !== null && open(kind, count));
        }
        case "$":
        case "!":
        case "=": {
          const length = numberIn(bytes, from, to);
          if (length === null || length < -1) return BROKEN;
          if (length === -1) return ok(value("(nil)"));
          bulk = kind;
          size = length;
          return length;
        }
        default:
          return BROKEN;
      }
    },
    payload: (bytes, from, to) => {
      // A push is known by its first element, whatever the limit.
      const room = cut ? 0 : isElement(0) ? Math.max(32, most - text.length) : most - text.length;
      const end = Math.min(to, from + Math.max(0, room - keptSize));
      if (end === from) return;
      kept.push(Buffer.from(bytes.subarray(from, end)));
      keptSize += end - from;
    },
    end: () => {
      total += size + 2;
      const whole = kept.length === 1 ? (kept[0] as Buffer) : Buffer.concat(kept);
      if (isElement(0) && size <= 32) first = whole.toString("latin1");
      const more = keptSize < size ? CUT : "";
      kept = [];
      keptSize = 0;
      if (bulk === "!") {
        const said = whole.toString("utf8") + more;
        if (nests.length === 0) error = errorOf(said);
        return value(`(error) ${said}`);
      }
      // A verbatim string: its form, a colon, the text.
      return value(bulk === "=" ? whole.toString("utf8", 4) + more : quoted(whole) + more);
    },
  });
}

/** `WRONGTYPE Operation against …`: its first word is the code. */
function errorOf(text: string): ExchangeError {
  const space = text.indexOf(" ");
  return space === -1 ? { code: text, message: "" } : { code: text.slice(0, space), message: text.slice(space + 1) };
}
