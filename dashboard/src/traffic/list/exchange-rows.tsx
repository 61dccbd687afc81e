import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import { useFollow } from "../../log/use-follow.ts";
import { Icon } from "../../parts/icon.tsx";
import { useMedia } from "../../parts/use-media.ts";
import { useCell } from "../../state/cell.ts";
import type { ExchangeList } from "./exchange-list.ts";
import { ExchangeRow } from "./row.tsx";
import "./exchange-rows.css";

/** What the page tells the list to do. */
export interface RowsHandle {
  readonly focus: () => void;
  readonly follow: (follow: boolean) => void;
}

interface ExchangeRowsProps {
  readonly list: ExchangeList;
  readonly cursor: number | null;
  readonly onCursor: (seq: number) => void;
  readonly onOpen: (seq: number) => void;
  readonly onFollowing: (following: boolean) => void;
  readonly handle: Ref<RowsHandle>;
  /** Shown where there are no rows. */
  readonly empty: ReactNode;
}

/** Heights of a row, px: one line; two where the screen is narrow. */
const ROW = 32;
const TALL_ROW = 54;
const NARROW = "(max-width: 640px)";
/** More new rows at once are shown without a move of their own. */
const CALM = 4;

/** Rows that a screen has, about. */
const SCREEN = 40;

const rowId = (seq: number) => `exchange-${seq}`;

/** The rows in sight of 100,000 and more; keeps to the newest until the person goes elsewhere. */
export function ExchangeRows({ list, cursor, onCursor, onOpen, onFollowing, handle, empty }: ExchangeRowsProps) {
  const { sight, newest, state } = useCell(list.view);
  useCell(list.arrivals);
  const height = useMedia(NARROW) ? TALL_ROW : ROW;
  const box = useRef<HTMLDivElement>(null);
  const { following, setFollowing } = useFollow(box, sight);
  const rows = useVirtualizer({
    count: sight.count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: 10,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another height means other places
  useLayoutEffect(() => rows.measure(), [height]);
  useEffect(() => onFollowing(following), [following, onFollowing]);

  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    const end = sight.count - 1;
    if (end < 0) return;
    // The beginning is drawn first, but on the way to the end nobody looks at it.
    if (following && first === 0 && last < end) list.look(end - SCREEN, end);
    else list.look(first, last);
  }, [list, first, last, sight, following]);

  useAnchor(box, sight, height, following);
  const news = useNewest(list, state === "loading" ? 0 : newest);

  const go = (by: number) => {
    const at = cursor === null ? -1 : sight.indexOf(cursor);
    const next = at < 0 ? (by > 0 ? first : sight.count - 1) : at + by;
    goTo(Math.min(sight.count - 1, Math.max(0, next)));
  };
  const goTo = (index: number) => {
    if (sight.count === 0) return;
    setFollowing(false);
    rows.scrollToIndex(index, { align: "auto" });
    onCursor(sight.seqAt(index));
  };
  useImperativeHandle(handle, () => ({
    focus: () => box.current?.focus(),
    follow: setFollowing,
  }));
  useRowKeys(box, {
    j: () => go(1),
    k: () => go(-1),
    ArrowDown: () => go(1),
    ArrowUp: () => go(-1),
    PageDown: () => go(Math.max(1, last - first - 20)),
    PageUp: () => go(-Math.max(1, last - first - 20)),
    Home: () => goTo(0),
    End: () => goTo(sight.count - 1),
    Enter: () => cursor !== null && onOpen(cursor),
  });

  return (
    <div className="rows-frame">
      <div
        className="rows"
        ref={box}
        role="listbox"
        aria-label="Exchanges"
        aria-busy={state === "loading"}
        aria-activedescendant={cursor !== null && sight.indexOf(cursor) >= 0 ? rowId(cursor) : undefined}
        tabIndex={0}
      >
        <div className="rows-all" style={{ height: `${rows.getTotalSize()}px` }}>
          {items.map(({ index, start }) => {
            const seq = sight.seqAt(index);
            return (
              <ExchangeRow
                key={seq}
                id={rowId(seq)}
                seq={seq}
                exchange={list.row(seq)}
                top={start}
                depth={sight.depthAt(index)}
                index={index}
                total={sight.count}
                current={seq === cursor}
                fresh={following && news.few && seq > news.before}
                onOpen={onOpen}
              />
            );
          })}
        </div>
      </div>
      {sight.count === 0 && empty}
      {!following && (rows.range?.endIndex ?? 0) < sight.count - 1 && (
        <button type="button" className="button rows-newest" onClick={() => setFollowing(true)}>
          <Icon name="down" />
          Newest
        </button>
      )}
    </div>
  );
}

/** While nobody follows, what is looked at stays where it is: also when rows above it come or go. */
function useAnchor(
  box: React.RefObject<HTMLElement | null>,
  sight: { seqAt: (index: number) => number; indexOf: (seq: number) => number },
  height: number,
  following: boolean,
): void {
  const before = useRef(sight);
  useLayoutEffect(() => {
    const element = box.current;
    const { seqAt } = before.current;
    before.current = sight;
    if (element === null || following) return;
    const top = Math.floor(element.scrollTop / height);
    const now = sight.indexOf(seqAt(top));
    if (now >= 0 && now !== top) element.scrollTop += (now - top) * height;
  }, [box, sight, height, following]);
}

/** What was the newest before the last news, and whether they were few enough to be seen coming. */
function useNewest(list: ExchangeList, newest: number): { readonly before: number; readonly few: boolean } {
  const seen = useRef({ list, newest, before: newest });
  if (seen.current.list !== list) seen.current = { list, newest, before: newest };
  // The first load isn't news.
  else if (seen.current.newest === 0) seen.current = { list, newest, before: newest };
  else if (seen.current.newest !== newest) seen.current = { list, newest, before: seen.current.newest };
  const { before } = seen.current;
  return { before, few: newest - before <= CALM };
}

const LETTERS = new Set(["j", "k"]);

/** Keys of the list: in it, and wherever on the page the focus is on nothing; letters also on buttons. */
function useRowKeys(box: React.RefObject<HTMLElement | null>, keys: Readonly<Record<string, () => unknown>>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (!(target instanceof HTMLElement) || target.matches("input:not([type=radio]), textarea, select")) return;
      const nowhere = target === document.body || target === box.current || target.id === "main";
      if (!nowhere && !LETTERS.has(event.key)) return;
      if (document.querySelector("dialog[open]") !== null) return;
      const act = current.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [box]);
}
