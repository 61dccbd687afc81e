import { type KeyboardEvent, useState } from "react";
import type { Snapshot } from "../../../../src/home/view/view.ts";
import { accept, type Completion, complete } from "./complete.ts";

export interface CompletionMenu {
  readonly options: readonly Completion[];
  readonly shown: boolean;
  /** Place of the active option; -1 for none. */
  readonly active: number;
  readonly setOpen: (open: boolean) => void;
  readonly setCaret: (caret: number) => void;
  /** The text changed: the menu opens with nothing active. */
  readonly typed: (caret: number) => void;
  readonly choose: (option: Completion) => void;
  /** Handles a key of the menu; what it handled is default-prevented. */
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** What could follow in a filter, as a menu under its field. `onText` gets the completed text and the caret's place. */
export function useCompletion(
  text: string,
  snapshot: Snapshot | null,
  onText: (text: string, caret: number) => void,
): CompletionMenu {
  const [caret, setCaret] = useState(text.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const found = complete(text, Math.min(caret, text.length), snapshot);
  const { options } = found;
  const shown = open && options.length > 0;

  const choose = (option: Completion) => {
    const next = accept(text, found, option);
    setCaret(next.caret);
    setActive(-1);
    onText(next.text, next.caret);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!shown) return;
    const option = options[active];
    if (event.key === "ArrowDown") setActive((active + 1) % options.length);
    else if (event.key === "ArrowUp") setActive((active <= 0 ? options.length : active) - 1);
    else if (event.key === "Escape") setOpen(false);
    else if ((event.key === "Tab" || event.key === "Enter") && option !== undefined) choose(option);
    else return;
    event.preventDefault();
  };
  return {
    ...{ options, shown, active, setOpen, setCaret, choose, onKeyDown },
    typed: (at) => {
      setCaret(at);
      setActive(-1);
      setOpen(true);
    },
  };
}
