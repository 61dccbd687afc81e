import { argumentText, inlineWords } from "./text.ts";
import { BROKEN, type LinePlace, NONE, numberIn, type TokenSink, tokenScanner } from "./tokens.ts";

/** Arguments of a command that are kept, whatever their size. */
const ARGS_MOST = 10_000;
/** What an argument costs beside its text, bytes. */
const ARG = 16;
const CUT = "…";
const ARRAY = 0x2a; // *
const BULK = 0x24; // $

/** A command as its consumer sent it. */
export interface SentCommand {
  /** Upper case. */
  readonly name: string;
  readonly args: readonly string[];
  /** Bytes to charge. */
  readonly cost: number;
  /** Of the whole command. */
  readonly bytes: number;
  /** In what the consumer sent. */
  readonly offset: number;
}

/** Reads a consumer's commands, arrays and inline ones. `most`: bytes of a command's arguments that are kept. */
export function commandReader(most: number, told: (command: SentCommand) => boolean): (bytes: Buffer) => boolean {
  /** Elements that are still to come; 0 between commands. */
  let left = 0;
  let words: string[] = [];
  let cost = 0;
  let total = 0;
  let offset = 0;
  const place: LinePlace = { offset: 0 };
  /** Of the element at hand. */
  let kept: Buffer[] = [];
  let keptSize = 0;
  let size = 0;

  function ended(): boolean {
    const [name = "", ...args] = words;
    const command = { name: name.toUpperCase(), args, cost, bytes: total, offset };
    words = [];
    cost = 0;
    total = 0;
    return told(command);
  }

  const sink: TokenSink = {
    line: (bytes, from, to) => {
      total += to - from + 2;
      if (left === 0) offset = place.offset;
      if (left > 0) {
        const length = bytes[from] === BULK ? numberIn(bytes, from, to) : null;
        if (length === null || length < 0) return BROKEN;
        size = length;
        return length;
      }
      if (from === to) {
        total = 0;
        return NONE;
      }
      if (bytes[from] === ARRAY) {
        const count = numberIn(bytes, from, to);
        if (count === null) return BROKEN;
        // Redis passes over an empty array.
        left = Math.max(0, count);
        if (left === 0) total = 0;
        return NONE;
      }
      // What isn't text is no inline command.
      if ((bytes[from] as number) < 0x20 || (bytes[from] as number) > 0x7e) return BROKEN;
      words = inlineWords(bytes.toString("utf8", from, to));
      cost = to - from;
      return words.length === 0 || ended() ? NONE : BROKEN;
    },
    payload: (bytes, from, to) => {
      // A command's name is known whatever the limit.
      const room = words.length === 0 ? 64 : most - cost;
      const end = Math.min(to, from + Math.max(0, room - keptSize));
      if (end === from || words.length >= ARGS_MOST) return;
      kept.push(Buffer.from(bytes.subarray(from, end)));
      keptSize += end - from;
    },
    end: () => {
      total += size + 2;
      if (words.length < ARGS_MOST) {
        words.push(argumentText(Buffer.concat(kept)) + (keptSize < size ? CUT : ""));
        cost += keptSize + ARG;
      } else if (words.length === ARGS_MOST) words.push(CUT);
      kept = [];
      keptSize = 0;
      return --left > 0 || ended();
    },
  };
  return tokenScanner(sink, place);
}
