import { memo } from "react";
import { guessMark } from "../../../../src/inspect/guess.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import { useOnlyStack } from "../../home/use-stacks.ts";
import { Icon, type IconName } from "../../parts/icon.tsx";
import { size } from "../../text/size.ts";
import { clock } from "../../text/time.ts";
import { barOf, guessHint, statusText, toneOf, took, verbAndRest, warns } from "./words.ts";
import "./row.css";

interface RowProps {
  readonly id: string;
  readonly seq: number;
  /** Null: home has it no more. */
  readonly exchange: ExchangeSummary | null | undefined;
  readonly top: number;
  readonly depth: number;
  readonly index: number;
  readonly total: number;
  readonly current: boolean;
  /** It came while someone watched. */
  readonly fresh: boolean;
  readonly onOpen: (seq: number) => void;
}

/** One exchange in a line. */
export const ExchangeRow = memo(function ExchangeRow(props: RowProps) {
  const { id, seq, exchange, top, depth, index, total, current, fresh, onOpen } = props;
  // It needs no mention.
  const onlyStack = useOnlyStack();
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list keeps the focus, and names the active row
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the list's
    <div
      id={id}
      className="row"
      role="option"
      aria-selected={current}
      aria-posinset={index + 1}
      aria-setsize={total}
      data-fresh={fresh || undefined}
      data-exchange={exchange?.id}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(seq)}
    >
      {exchange ? (
        <Cells exchange={exchange} depth={depth} named={exchange.stack !== onlyStack} />
      ) : (
        <Absent gone={exchange === null} />
      )}
    </div>
  );
});

function Absent({ gone }: { readonly gone: boolean }) {
  return gone ? <span className="row-gone">no longer kept</span> : <span className="row-blank" />;
}

const ICONS: Readonly<Record<ExchangeSummary["protocol"], IconName | null>> = {
  http: null,
  postgres: "postgres",
  redis: "redis",
  tcp: "traffic",
};

interface CellsProps {
  readonly exchange: ExchangeSummary;
  readonly depth: number;
  /** Its stack is told, too. */
  readonly named: boolean;
}

function Cells({ exchange, depth, named }: CellsProps) {
  const { title, protocol, stack, edge, ms, at, bytesUp, bytesDown, caller, notes } = exchange;
  const [verb, rest] = verbAndRest(title);
  const tone = toneOf(exchange);
  const icon = ICONS[protocol];
  return (
    <>
      <span className="row-time">{clock(at)}</span>
      <span className="status" data-tone={tone}>
        {statusText(exchange)}
      </span>
      <span className="row-title" style={depth > 0 ? { paddingLeft: `${depth * 16}px` } : undefined}>
        {depth > 0 && <span className="row-branch" aria-hidden="true" />}
        {icon !== null && <Icon name={icon} />}
        <span className="verb" data-protocol={protocol} data-verb={protocol === "http" ? verb : undefined}>
          {verb}
        </span>
        <span className="row-rest">{rest}</span>
        {exchange.guess !== null && (
          <span className="note" data-guess title={guessHint(exchange.guess)}>
            {guessMark(exchange.guess)}
          </span>
        )}
        {notes.map((note) => (
          <span key={note} className="note" data-warns={warns(note) || undefined}>
            {note}
          </span>
        ))}
      </span>
      <span className="row-edge" title={`${edge} in ${stack}`}>
        {named && <span className="row-stack">{stack}</span>}
        <span>{edge}</span>
      </span>
      <span className="row-size">{size(bytesUp + bytesDown)}</span>
      <span className="row-ms" data-tone={tone}>
        {ms === null ? (
          <span className="row-open">under way</span>
        ) : (
          <>
            <span className="row-bar" aria-hidden="true">
              <span className="row-fill" style={{ width: `${barOf(ms) * 100}%` }} />
            </span>
            <span className="row-took">{took(ms)}</span>
          </>
        )}
      </span>
      <span className="row-caller">{caller.process?.program ?? ""}</span>
    </>
  );
}
