import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from "react";
import { createCell, useCell } from "../state/cell.ts";
import "./split.css";

interface SplitProps {
  /** Of the bar between them. */
  readonly label: string;
  readonly first: ReactNode;
  /** Left out: the first has all of the room. */
  readonly second: ReactNode;
}

const KEY = "cove.traffic.split";
const LEAST = 25;
const MOST = 72;
const STEP = 3;

const stored = Number(read());
/** The first one's part, per cent. */
const part = createCell(stored >= LEAST && stored <= MOST ? stored : 46);
part.listen(() => {
  try {
    localStorage.setItem(KEY, String(part.get()));
  } catch {
    // then it holds until the page is left
  }
});

/** Two panes with a bar between them that can be moved, by pointer and by keys. */
export function Split({ label, first, second }: SplitProps) {
  const share = useCell(part);
  const box = useRef<HTMLDivElement>(null);
  const set = (next: number) => part.set(Math.round(Math.min(MOST, Math.max(LEAST, next)) * 10) / 10);
  const move = (event: PointerEvent) => {
    const room = box.current?.getBoundingClientRect();
    if (room === undefined || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    set(((event.clientX - room.left) / room.width) * 100);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    set(share + (event.key === "ArrowLeft" ? -STEP : STEP));
  };
  const both = first !== false && second !== false;
  return (
    <div
      className="split"
      ref={box}
      style={both ? { gridTemplateColumns: `${share}fr 9px ${100 - share}fr` } : undefined}
    >
      {first}
      {both && (
        // biome-ignore lint/a11y/useSemanticElements: a line can't be moved
        <div
          className="split-bar"
          role="separator"
          aria-orientation="vertical"
          aria-label={label}
          aria-valuenow={Math.round(share)}
          aria-valuemin={LEAST}
          aria-valuemax={MOST}
          tabIndex={0}
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={move}
          onDoubleClick={() => set(46)}
          onKeyDown={onKey}
        />
      )}
      {second}
    </div>
  );
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
