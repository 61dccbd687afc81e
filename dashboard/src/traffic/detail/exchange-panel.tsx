import { useEffect, useState } from "react";
import type { ExchangeDetail } from "../../../../src/inspect/detail.ts";
import { useTitle } from "../../home/use-stacks.ts";
import { useShortcuts } from "../../keys/shortcuts.ts";
import { Icon } from "../../parts/icon.tsx";
import { useCell } from "../../state/cell.ts";
import { HeldForm } from "../held/held-form.tsx";
import type { ExchangeList } from "../list/exchange-list.ts";
import { Compare } from "./compare.tsx";
import { ExchangeHead } from "./exchange-head.tsx";
import { Messages } from "./messages.tsx";
import { Overview } from "./overview.tsx";
import { Query } from "./query.tsx";
import { RedisCommand } from "./redis-command.tsx";
import { Replay } from "./replay.tsx";
import { Side } from "./side.tsx";
import { useDetail } from "./use-detail.ts";
import "./exchange-panel.css";

interface ExchangePanelProps {
  readonly id: string;
  readonly list: ExchangeList;
  /** Tells its number, once that is known. */
  readonly onSeq: (seq: number) => void;
  readonly onShow: (id: string) => void;
  readonly onClose: () => void;
}

const TABS = {
  overview: "Overview",
  query: "Query",
  command: "Command",
  request: "Request",
  response: "Response",
  messages: "Messages",
  replay: "Replay",
  compare: "Compare",
} as const;
type Tab = keyof typeof TABS;

/** Kept from exchange to exchange: who looks at responses wants to see the next one's. */
let lastTab: Tab = "overview";
/** A replay that was just made: it opens with what is different. */
let justSaid: string | null = null;

function tabAtFirst(id: string): Tab {
  return id === justSaid ? "compare" : lastTab;
}

/** One exchange with all details. */
export function ExchangePanel({ id, list, onSeq, onShow, onClose }: ExchangePanelProps) {
  const [now, setNow] = useState({ id, reveal: false, tab: tabAtFirst(id) });
  // Another one shows its credentials only when asked itself.
  const { reveal, tab } = now.id === id ? now : { reveal: false, tab: tabAtFirst(id) };
  const { detail, fault } = useDetail(id, reveal, list);
  useTitle(detail === null ? "Traffic" : `Traffic · ${detail.summary.title}`, detail?.summary.stack);
  const held = useCell(list.held).find(({ exchange }) => exchange.id === detail?.summary.id);
  const seq = detail?.summary.seq;
  useEffect(() => {
    if (seq !== undefined) onSeq(seq);
  }, [seq, onSeq]);

  const open = (next: Tab) => {
    lastTab = next === "replay" || next === "compare" ? "overview" : next;
    setNow({ id, reveal, tab: next });
  };
  useShortcuts({
    r: () => {
      if (detail?.http) open("replay");
    },
    "[": () => step(-1),
    "]": () => step(1),
  });
  if (detail === null) {
    return (
      <aside className="exchange" aria-label="Exchange">
        <div className="exchange-head">
          <Close onClose={onClose} />
          {fault !== null && (
            <div className="cause" role="alert">
              <p className="cause-message">{fault.message}</p>
              {fault.hint !== undefined && <p className="cause-hint">{fault.hint}</p>}
            </div>
          )}
        </div>
      </aside>
    );
  }
  const tabs = tabsOf(detail);
  const shown = tabs.includes(tab) ? tab : "overview";
  const step = (by: number) => open(tabs[(tabs.indexOf(shown) + by + tabs.length) % tabs.length] ?? "overview");
  const replayed = (replay: string) => {
    justSaid = replay;
    onShow(replay);
  };
  return (
    <aside className="exchange" aria-label="Exchange">
      <ExchangeHead
        key={detail.summary.id}
        detail={detail}
        reveal={reveal}
        onReveal={(next) => setNow({ id, tab, reveal: next })}
        onReplay={() => open("replay")}
        close={<Close onClose={onClose} />}
      />
      {held !== undefined && <HeldForm key={held.id} held={held} />}
      <div className="tabs" role="tablist" aria-label="Parts">
        {tabs.map((one) => (
          <button
            key={one}
            type="button"
            role="tab"
            className="tab"
            id={`tab-${one}`}
            aria-selected={one === shown}
            aria-controls="tab-panel"
            tabIndex={one === shown ? 0 : -1}
            onClick={() => open(one)}
            onKeyDown={(event) => {
              if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
              event.preventDefault();
              step(event.key === "ArrowLeft" ? -1 : 1);
              const tabsNow = event.currentTarget.parentElement;
              requestAnimationFrame(() => tabsNow?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
            }}
          >
            {TABS[one]}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <div className="exchange-body" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${shown}`} tabIndex={0}>
        {shown === "overview" && <Overview key={detail.summary.id} detail={detail} onShow={onShow} />}
        {shown === "query" && detail.postgres !== null && (
          <Query detail={detail.postgres} error={detail.summary.error} />
        )}
        {shown === "command" && detail.redis !== null && <RedisCommand {...detail.redis} />}
        {(shown === "request" || shown === "response") && detail.http !== null && (
          <Side
            key={`${detail.summary.id} ${shown}`}
            id={detail.summary.id}
            http={detail.http}
            side={shown}
            reveal={reveal}
          />
        )}
        {shown === "messages" && detail.http?.messages && (
          <Messages key={detail.summary.id} {...detail.http.messages} />
        )}
        {shown === "replay" && detail.http !== null && (
          <Replay key={`${detail.summary.id} ${reveal}`} detail={detail} http={detail.http} onDone={replayed} />
        )}
        {shown === "compare" && <Compare key={detail.summary.id} summary={detail.summary} first={replayOf(detail)} />}
      </div>
    </aside>
  );
}

/** Its tail's digits: enough to ask for it. */
function replayOf({ summary: { notes } }: ExchangeDetail): string | null {
  for (const note of notes) {
    const of = /^replay of (\w+)$/.exec(note)?.[1];
    if (of !== undefined) return of;
  }
  return null;
}

function tabsOf({ http, postgres, redis }: ExchangeDetail): Tab[] {
  return [
    "overview",
    ...(postgres !== null ? (["query"] as const) : []),
    ...(redis !== null ? (["command"] as const) : []),
    ...(http !== null ? (["request", "response"] as const) : []),
    ...(http?.messages ? (["messages"] as const) : []),
    ...(http !== null ? (["replay"] as const) : []),
    "compare",
  ];
}

function Close({ onClose }: { readonly onClose: () => void }) {
  return (
    <button
      type="button"
      className="button bare exchange-close"
      aria-label="Close"
      title="Close (Esc)"
      onClick={onClose}
    >
      <Icon name="close" />
      <span>Back to the list</span>
    </button>
  );
}
