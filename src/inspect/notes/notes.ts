import type { Exchange } from "../../capture/exchange.ts";
import type { Recorder } from "../../capture/recorder.ts";
import type { Note } from "../summary.ts";
import { afterAnswer } from "./after-answer.ts";
import { messages } from "./messages.ts";
import { countRepeated } from "./repeated.ts";
import { replayed } from "./replayed.ts";
import { slow } from "./slow.ts";

export interface Notes {
  /** What to look at of an exchange, for its summary. */
  readonly of: (exchange: Exchange) => readonly string[];
  readonly close: () => void;
}

/** Every note that exchanges get. The only list. `repeated` counts from now on. */
export function openNotes(recorder: Recorder): Notes {
  const repeated = countRepeated(recorder);
  const notes: readonly Note[] = [slow, repeated.note, messages, replayed, afterAnswer];
  return {
    of: (exchange) => {
      const found: string[] = [];
      for (const note of notes) {
        const text = note(exchange);
        if (text !== null) found.push(text);
      }
      return found;
    },
    close: repeated.close,
  };
}
