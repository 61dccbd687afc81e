import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Fault } from "../../../../src/fault/fault.ts";
import { useSnapshot } from "../../home/home.ts";
import { useShortcuts } from "../../keys/shortcuts.ts";
import { Icon } from "../../parts/icon.tsx";
import { accept, type Completion, complete } from "./complete.ts";

interface FilterFieldProps {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly fault: Fault | null;
  /** From the field into the list. */
  readonly onLeave: () => void;
}

/** A pause of this length in typing, and the filter is applied, ms. */
const PAUSE = 180;

/** Filter and full-text search in one line, with advice on how to go on. */
export function FilterField({ filter, onFilter, fault, onLeave }: FilterFieldProps) {
  const snapshot = useSnapshot();
  const [text, setText] = useState(filter);
  const [caret, setCaret] = useState(filter.length);
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const told = useRef(filter);

  // A chip, a link or the way back may have changed it.
  useEffect(() => {
    if (filter === told.current) return;
    told.current = filter;
    setText(filter);
    setCaret(filter.length);
  }, [filter]);
  useEffect(() => {
    const wanted = text.trim();
    // A key without its value is no filter yet.
    if (wanted === told.current || wanted.endsWith(":")) return;
    const timer = setTimeout(() => {
      told.current = wanted;
      onFilter(wanted);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, onFilter]);
  useShortcuts({
    "/": (event) => {
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    },
  });

  const found = complete(text, caret, snapshot);
  const shown = open && found.options.length > 0;

  const choose = (option: Completion) => {
    const next = accept(text, found, option);
    setText(next.text);
    setCaret(next.caret);
    setChosen(-1);
    requestAnimationFrame(() => field.current?.setSelectionRange(next.caret, next.caret));
  };
  const onKey = (event: KeyboardEvent) => {
    const { options } = found;
    if (event.key === "ArrowDown" && shown) {
      event.preventDefault();
      setChosen((chosen + 1) % options.length);
    } else if (event.key === "ArrowUp" && shown) {
      event.preventDefault();
      setChosen((chosen <= 0 ? options.length : chosen) - 1);
    } else if ((event.key === "Tab" || event.key === "Enter") && shown && chosen >= 0) {
      event.preventDefault();
      const option = options[chosen];
      if (option !== undefined) choose(option);
    } else if (event.key === "Enter" || (event.key === "ArrowDown" && !shown)) {
      event.preventDefault();
      setOpen(false);
      onLeave();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      if (shown) setOpen(false);
      else if (text === "") field.current?.blur();
      else setText("");
    }
  };

  return (
    <div className="filter">
      <div className="search" data-problem={fault !== null || undefined}>
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          role="combobox"
          value={text}
          placeholder="Search, or status:5xx  path:/orders*  edge:web→api"
          aria-label="Filter the traffic"
          aria-keyshortcuts="/"
          aria-invalid={fault !== null}
          aria-expanded={shown}
          aria-controls={`${id}-options`}
          aria-activedescendant={shown && chosen >= 0 ? `${id}-${chosen}` : undefined}
          aria-describedby={fault === null ? undefined : `${id}-fault`}
          aria-autocomplete="list"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          onChange={(event) => {
            setText(event.target.value);
            setCaret(event.target.selectionStart ?? event.target.value.length);
            setChosen(-1);
            setOpen(true);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onKeyDown={onKey}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
        />
        {text === "" ? (
          <kbd>/</kbd>
        ) : (
          <button type="button" className="button bare" aria-label="Clear the filter" onClick={() => setText("")}>
            <Icon name="close" />
          </button>
        )}
      </div>
      <div className="filter-options" id={`${id}-options`} role="listbox" aria-label="How to go on" hidden={!shown}>
        {found.options.map((option, at) => (
          // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names the active option
          <div
            key={option.text}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === chosen}
            // Not a click: the field must not lose the focus to it.
            onPointerDown={(event) => {
              event.preventDefault();
              choose(option);
            }}
          >
            <code>{option.text}</code>
            <span className="filter-says">{option.says}</span>
          </div>
        ))}
      </div>
      {fault !== null && (
        <p className="filter-fault" id={`${id}-fault`} role="alert">
          {fault.message}
          {fault.hint !== undefined && <span className="filter-hint"> {fault.hint}</span>}
        </p>
      )}
    </div>
  );
}
