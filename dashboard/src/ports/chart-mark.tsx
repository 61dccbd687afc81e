import { memo } from "react";
import type { Mark, MarkKind } from "./marks.ts";
import { belongsTo, EXPOSURE_WORDS, processText } from "./rows.ts";
import "./chart-mark.css";

/** Every kind has a shape of its own, so that none is told by colour alone. */
const SHAPES: Record<MarkKind, React.ReactNode> = {
  everywhere: <path d="M0 -7.4L7 5.2H-7z" />,
  lan: <path d="M0 -6.4L6.4 0 0 6.4 -6.4 0z" />,
  door: (
    <>
      <circle className="buoy-halo" r="9.5" />
      <path d="M-4.4 6.4V-1.6A4.4 4.4 0 0 1 4.4 -1.6V6.4z" />
    </>
  ),
  cove: <circle r="5" />,
  loopback: <circle r="4.2" />,
  lease: <rect x="-3.2" y="-3.2" width="6.4" height="6.4" rx="1.6" />,
};

interface ChartMarkProps {
  readonly id: string;
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
}

/** What is at one port, as a buoy on the water. */
export const ChartMark = memo(function ChartMark({ id, mark, x, y }: ChartMarkProps) {
  return (
    <g
      id={id}
      className="buoy"
      data-kind={mark.kind}
      data-port={mark.port}
      role="option"
      aria-selected={false}
      aria-label={markText(mark)}
      transform={`translate(${x} ${y})`}
    >
      {mark.conflict !== null && mark.conflict.kind !== "apart" && <circle className="buoy-clash" r="9.5" />}
      {SHAPES[mark.kind]}
    </g>
  );
});

/** The mark as it stands in the legend. */
export function LegendMark({ kind }: { readonly kind: MarkKind }) {
  return (
    <svg className="buoy" data-kind={kind} viewBox="-10 -10 20 20" width="18" height="18" aria-hidden="true">
      {SHAPES[kind]}
    </svg>
  );
}

function markText({ port, listeners, lease }: Mark): string {
  const held = listeners.map((row) =>
    [processText(row), belongsTo(row), `reached from ${EXPOSURE_WORDS[row.exposure]}`]
      .filter((part) => part !== "")
      .join(", "),
  );
  if (held.length === 0 && lease !== null) return `port ${port}: leased, nothing listens`;
  return `port ${port}: ${[...new Set(held)].join("; ")}`;
}
