import { type KeyboardEvent, useRef } from "react";
import { useShortcuts } from "../keys/shortcuts.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { useCell } from "../state/cell.ts";
import { wrapping } from "./wrapping.ts";

const STREAMS = ["all", "stdout", "stderr", "cove"] as const;
export type StreamChoice = (typeof STREAMS)[number];

const STREAM_LABELS: Record<StreamChoice, string> = {
  all: "All lines",
  stdout: "Output",
  stderr: "Errors",
  cove: "Cove's own",
};

interface LogToolbarProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** What is wrong with the expression. */
  readonly problem: string | null;
  /** The current match's place among `total`; -1 for none. */
  readonly position: number;
  readonly total: number;
  /** The lines were not all looked at yet. */
  readonly searching: boolean;
  readonly onStep: (by: 1 | -1) => void;
  readonly stream: StreamChoice;
  readonly onStream: (stream: StreamChoice) => void;
  readonly following: boolean;
  readonly onFollowing: (following: boolean) => void;
  /** What the copy button copies. */
  readonly text: () => string;
}

export function LogToolbar(props: LogToolbarProps) {
  const {
    query,
    onQuery,
    problem,
    position,
    total,
    searching,
    onStep,
    stream,
    onStream,
    following,
    onFollowing,
    text,
  } = props;
  const field = useRef<HTMLInputElement>(null);
  const wrap = useCell(wrapping);
  useShortcuts({
    "/": (event) => {
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    },
    n: () => onStep(1),
    N: () => onStep(-1),
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") {
      event.preventDefault();
      onStep(event.shiftKey ? -1 : 1);
    }
    if (event.key === "Escape") {
      event.stopPropagation();
      if (query === "") field.current?.blur();
      else onQuery("");
    }
  };
  return (
    <fieldset className="log-toolbar">
      <legend className="unseen">Log tools</legend>
      <div className="search" data-problem={problem !== null || undefined}>
        <Icon name="search" />
        <input
          ref={field}
          type="text"
          value={query}
          onChange={(event) => onQuery(event.target.value)}
          onKeyDown={onKey}
          placeholder="Search, or /expression/"
          aria-label="Search the log"
          aria-keyshortcuts="/"
          aria-invalid={problem !== null}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
        {query === "" ? (
          <kbd>/</kbd>
        ) : (
          <span className="search-count" title={problem ?? undefined}>
            {searching ? "…" : problem === null ? places(position, total) : "not an expression"}
          </span>
        )}
        <button
          type="button"
          className="button bare"
          aria-label="Previous match"
          disabled={total === 0}
          onClick={() => onStep(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          className="button bare"
          aria-label="Next match"
          disabled={total === 0}
          onClick={() => onStep(1)}
        >
          <Icon name="down" />
        </button>
      </div>
      <label className="choice">
        <span className="unseen">Lines shown</span>
        <select
          value={stream}
          onChange={(event) => onStream(STREAMS.find((one) => one === event.target.value) ?? "all")}
        >
          {STREAMS.map((one) => (
            <option key={one} value={one}>
              {STREAM_LABELS[one]}
            </option>
          ))}
        </select>
      </label>
      <div className="log-switches">
        <Switch on={following} onChange={onFollowing} label="Follow" />
        <Switch on={wrap === "on"} onChange={(on) => wrapping.set(on ? "on" : "off")} label="Wrap" />
        <CopyButton text={text} label="Copy the log" />
      </div>
    </fieldset>
  );
}

function places(position: number, total: number): string {
  if (total === 0) return "no match";
  return position === -1
    ? total.toLocaleString("en")
    : `${(position + 1).toLocaleString("en")} of ${total.toLocaleString("en")}`;
}

interface SwitchProps {
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly label: string;
}

function Switch({ on, onChange, label }: SwitchProps) {
  return (
    <button type="button" className="switch" role="switch" aria-checked={on} onClick={() => onChange(!on)}>
      <span className="switch-track" aria-hidden="true" />
      {label}
    </button>
  );
}
