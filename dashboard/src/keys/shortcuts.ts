import { useEffect, useRef } from "react";
import { createSequence } from "./sequence.ts";

/** What keys do on the page that is shown: `/`, `g m`, `?`, `Escape`. */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** Listens for keys while the component is shown; keys typed into fields and those with modifiers are left alone. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts);
  current.current = shortcuts;
  useEffect(() => {
    let names = "";
    let sequence = createSequence([]);
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && isField(event.target)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const bound = Object.keys(current.current);
      if (bound.join() !== names) {
        names = bound.join();
        sequence = createSequence(bound);
      }
      const action = sequence.press(event.key, performance.now());
      if (action !== null) current.current[action]?.(event);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

function isField(element: HTMLElement): boolean {
  return element.matches("input:not([type=radio]), textarea, select") || element.isContentEditable;
}
