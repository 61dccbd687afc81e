import { guessMark } from "../../../../src/inspect/guess.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import type { Why } from "../../../../src/inspect/why/why.ts";
import type { KeptSpan } from "../../../../src/telemetry/store.ts";
import { Icon } from "../../parts/icon.tsx";
import { guessHint, statusText, toneOf, took, verbAndRest } from "../list/words.ts";
import { BarRoom } from "./bar-room.tsx";
import { SpanRow } from "./span-row.tsx";
import { type Bar, onPath, type PathMark, waterfall } from "./waterfall.ts";
import "./waterfall-view.css";

interface WaterfallViewProps {
  readonly exchanges: readonly ExchangeSummary[];
  /** What services reported themselves. */
  readonly spans: readonly KeptSpan[];
  readonly current: number;
  /** Of the current one: its critical path is marked. */
  readonly why: Why | null;
  readonly onShow: (id: string) => void;
}

/** More bars than this are a list's job. */
const MOST = 300;

/** A trace from the browser down to the SQL, on one line of time. */
export function WaterfallView({ exchanges, spans, current, why, onShow }: WaterfallViewProps) {
  const { bars, span, ticks } = waterfall(exchanges, Date.now(), spans);
  const shown = bars.slice(0, MOST);
  const marks = why === null ? new Map<number, PathMark[]>() : onPath(why, bars);
  return (
    <div className="waterfall">
      <div className="waterfall-scale" aria-hidden="true">
        <span />
        <span className="waterfall-ticks">
          {ticks.map((at) => (
            <span key={at} style={{ left: `${(at / span) * 100}%` }}>
              {took(at)}
            </span>
          ))}
        </span>
      </div>
      <ol>
        {shown.map((bar, at) => {
          const room = { ticks, span };
          return (
            <li key={bar.exchange?.seq ?? bar.span?.spanId}>
              {bar.guessed && shown[at - 1]?.guessed !== true && (
                <p className="bar-guesses">Only guessed to belong here</p>
              )}
              {bar.exchange === null ? (
                <SpanRow bar={bar} of={bar.span} room={room} />
              ) : (
                <ExchangeRow
                  {...{ bar, room, onShow }}
                  of={bar.exchange}
                  isCurrent={bar.exchange.seq === current}
                  marks={marks.get(bar.exchange.seq) ?? []}
                />
              )}
            </li>
          );
        })}
      </ol>
      {marks.size > 1 && <p className="waterfall-legend">Critical path: shortening it shortens the whole</p>}
      {bars.length > MOST && <p className="soft">and {(bars.length - MOST).toLocaleString("en")} more</p>}
    </div>
  );
}

interface ExchangeRowProps {
  readonly bar: Bar;
  readonly of: ExchangeSummary;
  readonly isCurrent: boolean;
  readonly room: { readonly ticks: readonly number[]; readonly span: number };
  /** Its part of the critical path. */
  readonly marks: readonly PathMark[];
  readonly onShow: (id: string) => void;
}

function ExchangeRow({ bar, of, isCurrent, room, marks, onShow }: ExchangeRowProps) {
  const { id, title, edge, ms, protocol, guess } = of;
  const [verb, rest] = verbAndRest(title);
  return (
    <button
      type="button"
      className="bar-row"
      aria-current={isCurrent || undefined}
      data-path={marks.length > 0 || undefined}
      title={`${title}\n${edge} · ${statusText(of)}${ms === null ? "" : ` · ${took(ms)}`}${guess === null ? "" : `\n${guessHint(guess)}`}`}
      onClick={() => onShow(id)}
    >
      <span className="bar-what" style={{ paddingLeft: `${Math.min(bar.depth, 10) * 14}px` }}>
        <span className="bar-edge">
          {protocol === "postgres" && <Icon name="postgres" />}
          {protocol === "redis" && <Icon name="redis" />}
          {edge}
          {guess !== null && (
            <span className="note" data-guess>
              {guessMark(guess)}
            </span>
          )}
        </span>
        <span className="bar-title">
          <span className="verb" data-protocol={protocol} data-verb={protocol === "http" ? verb : undefined}>
            {verb}
          </span>{" "}
          {rest}
        </span>
      </span>
      <BarRoom bar={bar} {...room} tone={toneOf(of)} time={ms === null ? "…" : took(ms)} marks={marks} />
    </button>
  );
}
