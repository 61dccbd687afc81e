import { useCallback, useEffect, useRef, useState } from "react";
import { useTitle } from "../home/use-stacks.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { useMedia } from "../parts/use-media.ts";
import { navigate, replaceAddress } from "../routing/navigate.ts";
import { trafficPath } from "../routing/route.ts";
import { useCell } from "../state/cell.ts";
import { remembered } from "../state/remembered.ts";
import { count } from "../text/size.ts";
import { ExchangePanel } from "./detail/exchange-panel.tsx";
import { Empty } from "./empty.tsx";
import { FilterField } from "./filter/filter-field.tsx";
import { QuickFilters } from "./filter/quick-filters.tsx";
import { HeldBar } from "./held/held-bar.tsx";
import { importFile } from "./import-file.ts";
import type { ExchangeList } from "./list/exchange-list.ts";
import { ExchangeRows, type RowsHandle } from "./list/exchange-rows.tsx";
import { useExchangeList } from "./list/use-exchange-list.ts";
import { Split } from "./split.tsx";
import { Toolbar } from "./toolbar.tsx";
import "./traffic-page.css";

interface TrafficPageProps {
  readonly filter: string;
  /** The exchange that is open, by its id or the end of it. */
  readonly exchange: string | null;
}

const ORDERS = ["list", "traces"] as const;
const order = remembered("cove.traffic.order", ORDERS, "list");
/** Below this the exchange is a screen of its own. */
const BESIDE = "(min-width: 900px)";

/** Whoever stays this long on a row wants to see it, ms. */
const PASS = 90;

/** All that was said on edges: a live list, and what is known of the one that is open. */
export default function TrafficPage(props: TrafficPageProps) {
  const list = useExchangeList(props.filter, useCell(order) === "traces");
  return list === null ? null : <Traffic list={list} {...props} />;
}

function Traffic({ list, filter, exchange }: TrafficPageProps & { readonly list: ExchangeList }) {
  const chosen = useCell(order);
  const { fault } = useCell(list.view);
  const [cursor, setCursor] = useState<number | null>(null);
  const [following, setFollowing] = useState(true);
  const [paused, setPaused] = useState(false);
  const beside = useMedia(BESIDE);
  const rows = useRef<RowsHandle>(null);

  const onFilter = useCallback((next: string) => replaceAddress(trafficPath(next, exchange)), [exchange]);
  const openSeq = (seq: number) => {
    const id = list.row(seq)?.id;
    if (id === undefined) return;
    setCursor(seq);
    show(id);
  };
  const show = (id: string) => {
    rows.current?.follow(false);
    // One exchange after another is no way back to walk.
    if (exchange === null) navigate(trafficPath(filter, id));
    else replaceAddress(trafficPath(filter, id));
  };
  const close = () => {
    if (exchange === null) return;
    clearTimeout(walk.current);
    navigate(trafficPath(filter));
    rows.current?.focus();
  };
  const walk = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onCursor = (seq: number) => {
    setCursor(seq);
    // With one open, the keys go from one to the next; one that is only passed isn't opened.
    if (exchange === null) return;
    clearTimeout(walk.current);
    walk.current = setTimeout(() => {
      const id = list.row(seq)?.id;
      if (id !== undefined) show(id);
    }, PASS);
  };
  useEffect(() => () => clearTimeout(walk.current), []);
  const pause = (next: boolean) => {
    setPaused(next);
    list.pause(next);
  };
  useShortcuts({
    Escape: close,
    p: () => pause(!paused),
    f: () => rows.current?.follow(!following),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new list begins unpaused
  useEffect(() => setPaused(false), [list]);
  // An open exchange names its own stack.
  useTitle(exchange === null ? "Traffic" : null);

  const detail = exchange !== null && (
    <ExchangePanel key={exchange} id={exchange} list={list} onSeq={setCursor} onShow={show} onClose={close} />
  );
  return (
    <Drop>
      <h1 className="unseen">Traffic</h1>
      <Split
        label="Width of the list"
        first={
          (beside || exchange === null) && (
            <section className="traffic-list" aria-label="List">
              <div className="traffic-head">
                <FilterField filter={filter} onFilter={onFilter} fault={fault} onLeave={() => rows.current?.focus()} />
                <Toolbar
                  filter={filter}
                  order={chosen}
                  onOrder={(next) => order.set(next)}
                  paused={paused}
                  onPause={pause}
                  following={following}
                  onFollow={(next) => rows.current?.follow(next)}
                />
                <div className="traffic-sum">
                  <QuickFilters filter={filter} onFilter={onFilter} />
                  <Sum list={list} filter={filter} paused={paused} />
                </div>
              </div>
              <HeldBar list={list} onShow={show} />
              <ExchangeRows
                key={`${chosen} ${filter}`}
                list={list}
                cursor={cursor}
                onCursor={onCursor}
                onOpen={openSeq}
                onFollowing={setFollowing}
                handle={rows}
                empty={<Empty list={list} filter={filter} />}
              />
            </section>
          )
        }
        second={detail}
      />
    </Drop>
  );
}

function Sum({
  list,
  filter,
  paused,
}: {
  readonly list: ExchangeList;
  readonly filter: string;
  readonly paused: boolean;
}) {
  const { sight, kept, waiting, state, fault } = useCell(list.view);
  if (state === "loading" || fault !== null) return <span className="sum">{fault === null ? "…" : ""}</span>;
  return (
    <span className="sum" role="status">
      {paused && <strong>{waiting === 0 ? "paused · " : `${waiting.toLocaleString("en")} new · `}</strong>}
      {filter === "" ? count(kept, "exchange") : `${sight.count.toLocaleString("en")} of ${kept.toLocaleString("en")}`}
    </span>
  );
}

/** A HAR file that is dropped anywhere on the page is imported. */
function Drop({ children }: { readonly children: React.ReactNode }) {
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the toolbar's button does the same for keyboards
    <div
      className="traffic"
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer.files;
        if (file !== undefined) void importFile(file);
      }}
    >
      {children}
      {over && <p className="drop-here">Drop a HAR file to import it</p>}
    </div>
  );
}
