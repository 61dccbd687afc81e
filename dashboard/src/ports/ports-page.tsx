import { useMemo, useRef, useState } from "react";
import type { PortsView, Snapshot } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { useLook } from "../home/use-look.ts";
import { useTitle } from "../home/use-stacks.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { SearchCount, SearchField } from "../parts/search-field.tsx";
import { SectionHead } from "../parts/section-head.tsx";
import { Toggle } from "../parts/toggle.tsx";
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
import "./ports-page.css";

/** Between two requests, ms. */
const PAUSE = 2_000;

/** Every port of this machine, and who listens. */
export function PortsPage({ snapshot }: { readonly snapshot: Snapshot }) {
  const { view, fault } = useLook(api.ports, PAUSE, snapshot);
  useTitle("Ports");
  if (view !== null) return <Known view={view} />;
  return (
    <div className="page-head">
      <h1>{fault === null ? "Reading the ports …" : "The ports can't be read now"}</h1>
      {fault !== null && <p className="soft">{fault.message}</p>}
    </div>
  );
}

function Known({ view }: { readonly view: PortsView }) {
  const [query, setQuery] = useState("");
  const [exposed, setExposed] = useState(false);
  const [udp, setUdp] = useState(false);
  // A cell, so that a moving pointer re-renders a row or two, not a thousand.
  const [looked] = useState(() => createCell<number | null>(null));
  const table = useRef<HTMLDivElement>(null);
  useShortcuts({
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
          <SearchField
            label="Find a listener"
            placeholder="Find a listener"
            value={query}
            onValue={setQuery}
            found={<SearchCount>{rows.length}</SearchCount>}
          />
          <Toggle label="Exposed" title="Only what other machines can reach" on={exposed} onChange={setExposed} />
          <Toggle label="UDP" title="UDP sockets too" on={udp} onChange={setUdp} />
        </div>
      </div>
      <section className="stack ports" aria-label="Chart of all ports">
        <PortChart view={view} marks={drawn} looked={looked} onOpen={open} />
        <Legend marks={drawn} />
        <Readout view={view} looked={looked} marks={drawn} />
      </section>
      <section className="stack" aria-labelledby="listeners" ref={table}>
        <SectionHead id="listeners" title="Listeners">
          {narrowed ? `${rows.length} of ${listeners.length}` : rows.length}
        </SectionHead>
        <Conflicts conflicts={shownConflicts} rows={listeners} />
        {rows.length > 0 ? (
          <ListenersTable rows={rows} clashing={clashing} looked={looked} />
        ) : (
          <p className="nothing soft">{narrowed ? "No listener matches." : "No listeners."}</p>
        )}
        {notes.map((note) => (
          <p key={note} className="ports-note soft">
            {note}
          </p>
        ))}
      </section>
    </div>
  );
}

function headline(listeners: PortsView["listeners"]): string {
  const open = new Set(
    listeners.flatMap(({ protocol, port, exposure }) => (protocol === "tcp" && exposure !== "loopback" ? [port] : [])),
  );
  if (open.size === 0) return "No port can be reached from outside";
  return `${count(open.size, "port")} can be reached from outside`;
}
