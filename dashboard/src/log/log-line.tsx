import { type CSSProperties, memo } from "react";
import { clock } from "../text/time.ts";
import type { Look } from "./ansi.ts";
import type { Row } from "./buffer.ts";
import { type Piece, pieces } from "./pieces.ts";
import type { Span } from "./search.ts";
import "./ansi.css";
import "./log-line.css";

interface LogLineProps {
  readonly row: Row;
  readonly spans: readonly Span[];
  /** Which of its matches is the current one; null for none. */
  readonly current: number | null;
}

export const rowId = (row: number): string => `line-${row}`;

/** One line: its time, and its text with colours, links and matches. */
export const LogRow = memo(function LogRow({ row, spans, current }: LogLineProps) {
  const { line, decoded } = row;
  return (
    <div className="line" id={rowId(row.id)} data-stream={line.stream} data-current={current !== null || undefined}>
      <span className="line-time">{clock(line.time)}</span>
      {pieces(decoded, spans).map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line never changes, so its pieces don't either
        <PieceOf key={index} piece={piece} current={current} />
      ))}
    </div>
  );
});

function PieceOf({ piece, current }: { readonly piece: Piece; readonly current: number | null }) {
  const { text, look, href, match } = piece;
  let shown: React.ReactNode = text;
  if (look !== null) {
    const { className, style } = dress(look);
    shown = (
      <span className={className} style={style}>
        {text}
      </span>
    );
  }
  if (match !== null) shown = <mark data-current={match === current || undefined}>{shown}</mark>;
  if (href === null) return shown;
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {shown}
    </a>
  );
}

/** Palette colours are the theme's, by class; others go through a variable that the theme may soften. */
function dress(look: Look): { className: string; style: CSSProperties | undefined } {
  const classes = ["ansi"];
  const style: Record<string, string> = {};
  if (typeof look.color === "number") classes.push(`fg-${look.color}`);
  if (typeof look.color === "string") {
    classes.push("fg-own");
    style["--own-color"] = look.color;
  }
  if (typeof look.background === "number") classes.push(`bg-${look.background}`);
  if (typeof look.background === "string") {
    classes.push("bg-own");
    style["--own-background"] = look.background;
  }
  for (const key of ["bold", "dim", "italic", "underline", "strike", "inverse"] as const) {
    if (look[key]) classes.push(`ansi-${key}`);
  }
  return { className: classes.join(" "), style: Object.keys(style).length > 0 ? style : undefined };
}
