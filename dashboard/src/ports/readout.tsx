import { explainPort } from "../../../src/address/explain-port.ts";
import type { PortsView } from "../../../src/home/view/view.ts";
import { CopyButton } from "../parts/copy-button.tsx";
import { type Cell, useCell } from "../state/cell.ts";
import { place, shortPath } from "../text/place.ts";
import { since } from "../text/time.ts";
import type { Mark } from "./marks.ts";
import { belongsTo, CONFLICT_TEXT, EXPOSURE_WORDS, processText, type Row } from "./rows.ts";
import "./readout.css";

interface ReadoutProps {
  readonly view: PortsView;
  /** The port that is looked at. */
  readonly looked: Cell<number | null>;
  readonly marks: readonly Mark[];
}

/** What the port that is pointed at is, who holds it, and what it is usually for. */
export function Readout({ view, looked, marks }: ReadoutProps) {
  const port = useCell(looked);
  const mark = marks.find((one) => one.port === port);
  if (port === null) {
    return (
      <div className="readout" data-empty="">
        <p className="soft">Point at a port, or move between ports with the arrow keys.</p>
      </div>
    );
  }
  const { text } = explainPort(port, view);
  // Its range is in the picture already.
  const sentences = text.length > 1 ? text.slice(1) : text;
  return (
    <div className="readout" role="status">
      <strong className="readout-port">{port}</strong>
      <div className="readout-what">
        {mark === undefined || mark.listeners.length === 0 ? (
          <p>{mark?.lease == null ? "Nothing listens here." : leased(mark.lease)}</p>
        ) : (
          mark.listeners.map((row) => <Held key={`${row.protocol} ${row.host} ${row.pids[0]}`} row={row} />)
        )}
        {mark?.conflict != null && <p className="readout-clash">{CONFLICT_TEXT[mark.conflict.kind]}</p>}
        <p className="soft">{sentences.slice(0, 2).join(" ")}</p>
      </div>
      <CopyButton text={`cove explain ${port}`} label={`Copy cove explain ${port}`} />
    </div>
  );
}

function Held({ row }: { readonly row: Row }) {
  const { host, port, protocol, exposure, process, user } = row;
  const whose = belongsTo(row);
  return (
    <p>
      <code>{place({ host, port })}</code>
      {protocol === "udp" && " udp"} <span className="readout-process">{processText(row)}</span>
      <span className="soft">
        {whose !== "" && ` · ${whose}`}
        {user !== null && ` · ${user}`}
        {process?.startedAt != null && ` · ${since(process.startedAt, Date.now())}`}
        {" · "}
      </span>
      <span className="exposure" data-exposure={exposure}>
        {EXPOSURE_WORDS[exposure]}
      </span>
    </p>
  );
}

function leased({ holder, root }: NonNullable<Mark["lease"]>): string {
  const [kind = "", name = ""] = holder.split(/:(.*)/s);
  const what = kind === "edge" ? `the edge ${name.replace("→", " → ")}` : `${kind} ${name}`;
  return `Leased for ${what} of ${shortPath(root, 2)}; nothing listens now.`;
}
