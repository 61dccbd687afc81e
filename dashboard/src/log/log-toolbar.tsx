import type { KeyboardEvent } from "react";
import { useShortcuts } from "../keys/shortcuts.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { SearchCount, SearchField } from "../parts/search-field.tsx";
import { Toggle } from "../parts/toggle.tsx";
import { useCell } from "../state/cell.ts";
import { wrapping } from "./wrapping.ts";
import "./log-toolbar.css";

const STREAMS = ["all", "stdout", "stderr", "cove"] as const;
export type StreamChoice = (typeof STREAMS)[number];

const STREAM_LABELS: Record<StreamChoice, string> = {
  all: "All lines",
  stdout: "Output",
  stderr: "Errors",
  cove: "From Cove",
};

interface LogToolbarProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
  /** Why the regex is invalid. */
  readonly problem: string | null;
  /** The current match's place among `total`; -1 for none. */
  readonly position: number;
  readonly total: number;
  /** Not all lines were searched yet. */
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
  const wrap = useCell(wrapping);
  useShortcuts({
    n: () => onStep(1),
    N: () => onStep(-1),
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    onStep(event.shiftKey ? -1 : 1);
  };
  return (
    <fieldset className="log-toolbar">
      <legend className="unseen">Log tools</legend>
      <SearchField
        label="Search the log"
        placeholder="Search, or /regex/"
        value={query}
        onValue={onQuery}
        invalid={problem !== null}
        onKeyDown={onKey}
        found={
          <SearchCount title={problem ?? undefined}>
            {searching ? "…" : problem === null ? places(position, total) : "not a regex"}
          </SearchCount>
        }
      >
        <Step icon="up" label="Previous match" disabled={total === 0} onClick={() => onStep(-1)} />
        <Step icon="down" label="Next match" disabled={total === 0} onClick={() => onStep(1)} />
      </SearchField>
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
        <Toggle on={following} onChange={onFollowing} label="Follow" />
        <Toggle on={wrap === "on"} onChange={(on) => wrapping.set(on ? "on" : "off")} label="Wrap" />
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

interface StepProps {
  readonly icon: "up" | "down";
  readonly label: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
}

function Step({ icon, label, disabled, onClick }: StepProps) {
  return (
    <button type="button" className="button bare" aria-label={label} disabled={disabled} onClick={onClick}>
      <Icon name={icon} />
    </button>
  );
}
