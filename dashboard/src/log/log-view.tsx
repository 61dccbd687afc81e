import { memo, type ReactNode, useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { Icon } from "../parts/icon.tsx";
import { useCell } from "../state/cell.ts";
import { count } from "../text/size.ts";
import type { Chunk, Row } from "./buffer.ts";
import { LogRow, rowId } from "./log-line.tsx";
import { LogToolbar, type StreamChoice } from "./log-toolbar.tsx";
import { createMatchIndex, type Match, type MatchIndex, step } from "./matches.ts";
import { toMatcher } from "./search.ts";
import { useFollow } from "./use-follow.ts";
import { useLog } from "./use-log.ts";
import { wrapping } from "./wrapping.ts";
import "./log-view.css";

interface LogViewProps {
  readonly stack: string;
  readonly service: string;
}

/** A service's log: live, searchable, as a terminal would show it. */
export function LogView({ stack, service }: LogViewProps) {
  const { chunks, loading, fault } = useLog(stack, service);
  const [query, setQuery] = useState("");
  const [stream, setStream] = useState<StreamChoice>("all");
  const [current, setCurrent] = useState<Match | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const wrap = useCell(wrapping);
  const { following, setFollowing } = useFollow(box, chunks);

  const wanted = useDeferredValue(query);
  const matcher = useMemo(() => toMatcher(wanted), [wanted]);
  const index = useMemo(() => createMatchIndex(typeof matcher === "function" ? matcher : null), [matcher]);
  const shown = useCallback((row: Row) => stream === "all" || row.line.stream === stream, [stream]);
  const matches = useMemo(() => index.all(chunks, shown), [index, chunks, shown]);
  const rows = useMemo(() => chunks.reduce((sum, chunk) => sum + chunk.rows.filter(shown).length, 0), [chunks, shown]);

  const goTo = useCallback(
    (match: Match | null) => {
      setCurrent(match);
      if (match === null) return;
      setFollowing(false);
      requestAnimationFrame(() => {
        const line = document.getElementById(rowId(match.row));
        const view = box.current;
        if (line === null || view === null) return;
        // Only the box scrolls, not the page around it.
        const offset = line.getBoundingClientRect().top - view.getBoundingClientRect().top;
        view.scrollTop += offset - (view.clientHeight - line.offsetHeight) / 2;
      });
    },
    [setFollowing],
  );
  // A new search begins at the newest match.
  const latest = useRef(matches);
  latest.current = matches;
  useEffect(() => {
    goTo(typeof matcher === "function" ? step(latest.current, null, 1) : null);
  }, [matcher, goTo]);

  const shownText = () =>
    chunks.flatMap((chunk) => chunk.rows.filter(shown).map(({ decoded }) => `${decoded.text}\n`)).join("");

  return (
    <section className="log" aria-label="Log">
      <LogToolbar
        query={query}
        onQuery={setQuery}
        problem={typeof matcher === "string" ? matcher : null}
        position={current === null ? -1 : matches.findIndex(({ row, at }) => row === current.row && at === current.at)}
        total={matches.length}
        searching={query !== wanted}
        onStep={(by) => goTo(step(matches, current, by))}
        stream={stream}
        onStream={setStream}
        following={following}
        onFollowing={setFollowing}
        text={shownText}
      />
      <div
        className="log-box"
        ref={box}
        role="log"
        aria-live="off"
        aria-label={`Lines of ${service}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        tabIndex={0}
        data-wrap={wrap}
      >
        <div className="log-lines">
          {chunks.map((chunk) => (
            <LogChunk
              key={chunk.key}
              chunk={chunk}
              index={index}
              shown={shown}
              current={current !== null && holds(chunk, current.row) ? current : null}
            />
          ))}
        </div>
        {rows === 0 && <Quiet>{fault?.message ?? emptyText(loading, chunks.length > 0)}</Quiet>}
      </div>
      {!following && (
        <button type="button" className="button log-newest" onClick={() => setFollowing(true)}>
          <Icon name="down" />
          Newest lines
        </button>
      )}
      <p className="unseen" role="status">
        {wanted === "" ? "" : count(matches.length, "match", "matches")}
      </p>
    </section>
  );
}

interface LogChunkProps {
  readonly chunk: Chunk;
  readonly index: MatchIndex;
  readonly shown: (row: Row) => boolean;
  readonly current: Match | null;
}

const LogChunk = memo(function LogChunk({ chunk, index, shown, current }: LogChunkProps) {
  return (
    <div className="log-chunk">
      {chunk.rows.filter(shown).map((row) => (
        <LogRow key={row.id} row={row} spans={index.spans(row)} current={current?.row === row.id ? current.at : null} />
      ))}
    </div>
  );
});

function holds({ rows }: Chunk, row: number): boolean {
  return row >= (rows[0]?.id ?? 0) && row <= (rows.at(-1)?.id ?? -1);
}

function emptyText(loading: boolean, filtered: boolean): string {
  if (loading) return "Loading the log …";
  return filtered ? "No lines of this kind yet." : "No lines yet. They appear here as they are printed.";
}

function Quiet({ children }: { readonly children: ReactNode }) {
  return <p className="log-quiet">{children}</p>;
}
