import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import type { Fault } from "../../../../src/fault/fault.ts";
import { useSnapshot } from "../../home/home.ts";
import { FieldFault } from "../../parts/field-fault.tsx";
import { Icon } from "../../parts/icon.tsx";
import { SearchField } from "../../parts/search-field.tsx";
import { type CompletionMenu, useCompletion } from "./use-completion.ts";
import "./filter-field.css";

interface FilterFieldProps {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  readonly fault: Fault | null;
  /** From the field into the list. */
  readonly onLeave: () => void;
}

/** A pause of this length in typing, and the filter is applied, ms. */
const PAUSE = 180;

/** Filter and full-text search in one line, with completions. */
export function FilterField({ filter, onFilter, fault, onLeave }: FilterFieldProps) {
  const [text, setText] = useFilterText(filter, onFilter);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const menu = useCompletion(text, useSnapshot(), (next, caret) => {
    setText(next);
    requestAnimationFrame(() => field.current?.setSelectionRange(caret, caret));
  });
  const onKeyDown = (event: KeyboardEvent) => {
    menu.onKeyDown(event);
    if (event.defaultPrevented || (event.key !== "Enter" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    menu.setOpen(false);
    onLeave();
  };
  return (
    <div className="filter">
      <SearchField
        label="Filter the traffic"
        placeholder="Search, or status:5xx  path:/orders*  edge:web→api"
        value={text}
        onValue={(next, caret) => {
          setText(next);
          menu.typed(caret);
        }}
        invalid={fault !== null}
        onKeyDown={onKeyDown}
        found={
          <button type="button" className="button bare" aria-label="Clear the filter" onClick={() => setText("")}>
            <Icon name="close" />
          </button>
        }
        field={field}
        input={{
          role: "combobox",
          "aria-expanded": menu.shown,
          "aria-controls": `${id}-options`,
          "aria-activedescendant": menu.shown && menu.active >= 0 ? `${id}-${menu.active}` : undefined,
          "aria-describedby": fault === null ? undefined : `${id}-fault`,
          "aria-autocomplete": "list",
          onSelect: (event) => menu.setCaret(event.currentTarget.selectionStart ?? 0),
          onFocus: () => menu.setOpen(true),
          onBlur: () => menu.setOpen(false),
        }}
      />
      <Options id={id} menu={menu} />
      {fault !== null && <FieldFault fault={fault} id={`${id}-fault`} />}
    </div>
  );
}

/** The text as it is typed; a filter that changes elsewhere (a chip, a link, the way back) replaces it. */
function useFilterText(filter: string, onFilter: (filter: string) => void) {
  const [text, setText] = useState(filter);
  const applied = useRef(filter);
  useEffect(() => {
    if (filter === applied.current) return;
    applied.current = filter;
    setText(filter);
  }, [filter]);
  useEffect(() => {
    const wanted = text.trim();
    // A key without its value is no filter yet.
    if (wanted === applied.current || wanted.endsWith(":")) return;
    const timer = setTimeout(() => {
      applied.current = wanted;
      onFilter(wanted);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text, onFilter]);
  return [text, setText] as const;
}

function Options({ id, menu }: { readonly id: string; readonly menu: CompletionMenu }) {
  return (
    <div className="filter-options" id={`${id}-options`} role="listbox" aria-label="Completions" hidden={!menu.shown}>
      {menu.options.map((option, at) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus, and names the active option
        <div
          key={option.text}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === menu.active}
          // Not a click: the field must not lose the focus to it.
          onPointerDown={(event) => {
            event.preventDefault();
            menu.choose(option);
          }}
        >
          <code>{option.text}</code>
          <span className="filter-says">{option.says}</span>
        </div>
      ))}
    </div>
  );
}
