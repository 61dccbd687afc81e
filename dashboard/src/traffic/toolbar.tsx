import { useRef } from "react";
import { api, urls } from "../home/api.ts";
import { Confirm } from "../parts/confirm.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { Segments } from "../parts/segments.tsx";
import { toast } from "../parts/toasts.tsx";
import { Toggle } from "../parts/toggle.tsx";
import { BreakpointsButton } from "./held/breakpoints.tsx";
import { importFile } from "./import-file.ts";
import "./toolbar.css";

const ORDERS = [
  { value: "list", label: "List", icon: "list", title: "In the order of their start" },
  { value: "traces", label: "Traces", icon: "branch", title: "Each under the one that caused it" },
] as const;

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
  const clear = async () => {
    const answer = await api.clearExchanges();
    if (answer !== null) toast(answer);
  };
  return (
    <div className="traffic-tools" role="toolbar" aria-label="Traffic tools">
      <Segments label="Order" choices={ORDERS} value={order} onChange={onOrder} />
      <Toggle label="Follow" title="Scroll to the newest (f)" on={following && !paused} onChange={onFollow} />
      <span className="tools">
        <Tool
          icon={paused ? "start" : "pause"}
          label={paused ? "Resume" : "Pause"}
          keys="p"
          pressed={paused}
          onClick={() => onPause(!paused)}
        />
        <BreakpointsButton filter={filter} />
        <a
          className="button bare"
          href={urls.har(filter)}
          download="traffic.har"
          aria-label="Export HAR"
          title={filter === "" ? "Export all as HAR" : "Export what is shown as HAR"}
        >
          <Icon name="download" />
        </a>
        <Tool icon="upload" label="Import HAR" onClick={() => file.current?.click()} />
        <Tool icon="trash" label="Clear" onClick={() => sure.current?.showModal()} />
      </span>
      <input
        ref={file}
        type="file"
        accept=".har,.json,application/json"
        hidden
        aria-label="HAR file"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen !== undefined) void importFile(chosen);
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
        This deletes all captured traffic, for the command line too. Recordings stay.
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
