import { useEffect, useMemo, useRef, useState } from "react";
import type { PortsView, Snapshot } from "../../../src/home/view/view.ts";
import { useHome } from "../home/home.ts";
import { useLook } from "../home/use-look.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { Icon } from "../parts/icon.tsx";
import { navigate } from "../routing/navigate.ts";
import { createCell } from "../state/cell.ts";
import { count } from "../text/size.ts";
import { Conflicts } from "./conflicts.tsx";
import { Legend } from "./legend.tsx";
import { ListenersTable } from "./listeners-table.tsx";
import { marks } from "./marks.ts";
import { PortChart } from "./port-chart.tsx";
import { Readout } from "./readout.tsx";
import { shownRows } from "./rows.ts";

/** From one look to the next, ms. */
const PAUSE = 2_000;

/** Every port of this machine, and who listens. */
export function PortsPage({ snapshot }: { readonly snapshot: Snapshot }) {
  const { api } = useHome();
  const { view, fault } = useLook(api.ports, PAUSE, snapshot);
  useEffect(() => {
    document.title = "Ports · Cove";
  }, []);
  if (view !== null) return <Known view={view} />;
  return (
    <div className="page-head">
      <h1>{fault === null ? "Looking at the ports …" : "The ports can't be seen just now"}</h1>
      {fault !== null && <p className="soft">{fault.message}</p>}
    </div>
  );
}

function Known({ view }: { readonly view: PortsView }) {
  const [query, setQuery] = useState("");
  const [exposed, setExposed] = useState(false);
  const [udp, setUdp] = useState(false);
  // A cell of its own, so that a pointer on its way over the picture draws a line or two anew, not a thousand.
  const [looked] = useState(() => createCell<number | null>(null));
  const field = useRef<HTMLInputElement>(null);
  const table = useRef<HTMLDivElement>(null);
  useShortcuts({
    "/": (event) => {
      event.preventDefault();
      field.current?.focus();
    },
    Escape: () => navigate("/"),
  });

  const { listeners, conflicts, notes } = view;
  const rows = useMemo(() => shownRows(listeners, { query, exposed, udp }), [listeners, query, exposed, udp]);
  const narrowed = query !== "" || exposed;
  const drawn = useMemo(() => marks(narrowed ? { ...view, leases: [] } : view, rows), [view, rows, narrowed]);
  const clashing = useMemo(
    () => new Set(conflicts.flatMap(({ port, kind }) => (kind === "apart" ? [] : [port]))),
    [conflicts],
  );
  const shownConflicts = conflicts.filter((one) => rows.some((row) => row.port === one.port));
  const open = (wanted: number) => table.current?.querySelector<HTMLElement>(`tr[data-port="${wanted}"]`)?.focus();

  return (
    <div>
      <div className="page-head">
        <h1>{headline(listeners)}</h1>
        <div className="page-tools">
          <div className="search">
            <Icon name="search" />
            <input
              ref={field}
              type="text"
              value={query}
              placeholder="Find a listener"
              aria-label="Find a listener"
              aria-keyshortcuts="/"
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setQuery(event.target.value)}
              onKeyDown={(event) => {
                if (event.key !== "Escape") return;
                if (query === "") field.current?.blur();
                else setQuery("");
              }}
            />
            {query === "" ? <kbd>/</kbd> : <span className="search-count">{rows.length}</span>}
          </div>
          <Toggle label="Exposed" title="Only what others than this machine can reach" on={exposed} set={setExposed} />
          <Toggle label="UDP" title="UDP sockets too" on={udp} set={setUdp} />
        </div>
      </div>
      <section className="stack ports" aria-label="The picture of all ports">
        <PortChart view={view} marks={drawn} looked={looked} onOpen={open} />
        <Legend marks={drawn} />
        <Readout view={view} looked={looked} marks={drawn} />
      </section>
      <section className="stack" aria-labelledby="listeners" ref={table}>
        <header className="stack-head">
          <div className="stack-title">
            <h2 id="listeners">Listeners</h2>
            <span className="stack-sum">{narrowed ? `${rows.length} of ${listeners.length}` : rows.length}</span>
          </div>
        </header>
        <Conflicts conflicts={shownConflicts} rows={listeners} />
        {rows.length > 0 ? (
          <ListenersTable rows={rows} clashing={clashing} looked={looked} />
        ) : (
          <p className="nothing soft">{narrowed ? "Nothing that listens matches." : "Nothing listens."}</p>
        )}
        {notes.map((note) => (
          <p key={note} className="note soft">
            {note}
          </p>
        ))}
      </section>
    </div>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly title: string;
  readonly on: boolean;
  readonly set: (on: boolean) => void;
}

function Toggle({ label, title, on, set }: ToggleProps) {
  return (
    <button type="button" className="button toggle" aria-pressed={on} title={title} onClick={() => set(!on)}>
      {label}
    </button>
  );
}

function headline(listeners: PortsView["listeners"]): string {
  const open = new Set(
    listeners.flatMap(({ protocol, port, exposure }) => (protocol === "tcp" && exposure !== "loopback" ? [port] : [])),
  );
  if (open.size === 0) return "Every port keeps to this machine";
  return `${count(open.size, "port")} can be reached from outside`;
}
