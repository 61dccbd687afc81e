import { type ComponentProps, type KeyboardEvent, type ReactNode, type Ref, useRef } from "react";
import { useShortcuts } from "../keys/shortcuts.ts";
import { Icon } from "./icon.tsx";
import "./search-field.css";

interface SearchFieldProps {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onValue: (value: string, caret: number) => void;
  /** The text can't be read. */
  readonly invalid?: boolean;
  /** `/` leads here. At most one field of a page has it. */
  readonly hotkey?: boolean;
  /** Keys that mean something here; with preventDefault the field leaves them alone. */
  readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  /** Beside the text while there is some: how much it found, or a button. */
  readonly found?: ReactNode;
  /** At the end, always. */
  readonly children?: ReactNode;
  readonly field?: Ref<HTMLInputElement>;
  /** Further attributes of the input. */
  readonly input?: Omit<ComponentProps<"input">, "value" | "onChange" | "onKeyDown" | "ref">;
}

/** The one search field: `/` focuses it, Escape empties it, then leaves it. */
export function SearchField(props: SearchFieldProps) {
  const { label, placeholder, value, onValue, invalid = false, hotkey = true, onKeyDown, found, children } = props;
  const box = useRef<HTMLLabelElement>(null);
  const input = () => box.current?.querySelector("input");
  useShortcuts(
    hotkey
      ? {
          "/": (event) => {
            event.preventDefault();
            input()?.focus();
            input()?.select();
          },
        }
      : {},
  );
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    onKeyDown?.(event);
    if (event.key !== "Escape") return;
    event.stopPropagation();
    if (event.defaultPrevented) return;
    if (value === "") input()?.blur();
    else onValue("", 0);
  };
  return (
    <div className="search" data-problem={invalid || undefined}>
      <label className="search-text" ref={box}>
        <Icon name="search" />
        <input
          ref={props.field}
          type="text"
          value={value}
          placeholder={placeholder}
          aria-label={label}
          aria-keyshortcuts={hotkey ? "/" : undefined}
          aria-invalid={invalid}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          {...props.input}
          onChange={(event) => onValue(event.target.value, event.target.selectionStart ?? event.target.value.length)}
          onKeyDown={onKey}
        />
      </label>
      {value !== "" ? found : hotkey && <kbd>/</kbd>}
      {children}
    </div>
  );
}

/** How much a search found, beside its text. */
export function SearchCount({
  title,
  children,
}: {
  readonly title?: string | undefined;
  readonly children: ReactNode;
}) {
  return (
    <span className="search-count" title={title}>
      {children}
    </span>
  );
}
