import { useRef } from "react";
import { isFault } from "../home/api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { toast } from "../parts/toasts.tsx";
import { clearAll, harUrl, importHar } from "./api.ts";
import { BreakpointsButton } from "./held/breakpoints.tsx";

interface ToolbarProps {
  readonly filter: string;
  readonly order: "list" | "traces";
  readonly onOrder: (order: "list" | "traces") => void;
  readonly paused: boolean;
  readonly onPause: (paused: boolean) => void;
  readonly following: boolean;
  readonly onFollow: (following: boolean) => void;
}

export function Toolbar({ filter, order, onOrder, paused, onPause, following, onFollow }: ToolbarProps) {
  const sure = useRef<HTMLDialogElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    const answer = await importHar(chosen);
    if (isFault(answer)) toast(answer);
  };
  const clear = async () => {
    const answer = await clearAll();
    if (isFault(answer)) toast(answer);
  };
  return (
    <div className="traffic-tools" role="toolbar" aria-label="Traffic tools">
      <fieldset className="segments">
        <legend className="unseen">Order</legend>
        {(["list", "traces"] as const).map((choice) => (
          <label key={choice} className="segment" title={choice === "list" ? "As they began" : "What caused what"}>
            <input type="radio" name="order" checked={order === choice} onChange={() => onOrder(choice)} />
            <Icon name={choice === "list" ? "list" : "branch"} />
            <span>{choice === "list" ? "List" : "Traces"}</span>
          </label>
        ))}
      </fieldset>
      <button
        type="button"
        className="switch"
        role="switch"
        aria-checked={following && !paused}
        title="Keep to the newest (f)"
        onClick={() => onFollow(!following)}
      >
        <span className="switch-track" aria-hidden="true" />
        Follow
      </button>
      <span className="tools">
        <Tool
          icon={paused ? "start" : "pause"}
          label={paused ? "Go on" : "Hold the list still"}
          keys="p"
          pressed={paused}
          onClick={() => onPause(!paused)}
        />
        <BreakpointsButton filter={filter} />
        <a
          className="button bare"
          href={harUrl(filter)}
          download="traffic.har"
          aria-label="Save as HAR"
          title={filter === "" ? "Save all as HAR" : "Save what is shown as HAR"}
        >
          <Icon name="download" />
        </a>
        <Tool icon="upload" label="Take in a HAR file" onClick={() => file.current?.click()} />
        <Tool icon="trash" label="Clear" onClick={() => sure.current?.showModal()} />
      </span>
      <input
        ref={file}
        type="file"
        accept=".har,.json,application/json"
        hidden
        aria-label="HAR file"
        onChange={(event) => {
          void take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <Confirm
        dialog={sure}
        question="Clear all traffic?"
        yes="Clear"
        onAnswer={(yes) => {
          if (yes) void clear();
        }}
      >
        Everything that is kept goes, for the command line too. Recordings stay.
      </Confirm>
    </div>
  );
}

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
}

function Tool({ icon, label, keys, pressed, onClick }: ToolProps) {
  return (
    <button
      type="button"
      className="button bare"
      aria-label={label}
      aria-pressed={pressed}
      title={keys === undefined ? label : `${label} (${keys})`}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
