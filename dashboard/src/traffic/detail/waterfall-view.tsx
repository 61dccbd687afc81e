import { guessMark } from "../../../../src/inspect/guess.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import type { Why } from "../../../../src/inspect/why/why.ts";
import { Icon } from "../../parts/icon.tsx";
import { guessHint, statusText, toneOf, took, verbAndRest } from "../list/words.ts";
import { onPath, type PathMark, waterfall } from "./waterfall.ts";
import "./waterfall-view.css";

interface WaterfallViewProps {
  readonly exchanges: readonly ExchangeSummary[];
  readonly current: number;
  /** Of the current one: its critical path is marked. */
  readonly why: Why | null;
  readonly onShow: (id: string) => void;
}

/** More bars than this are a list's job. */
const MOST = 300;

/** A trace from the browser down to the SQL, on one line of time. */
export function WaterfallView({ exchanges, current, why, onShow }: WaterfallViewProps) {
  const { bars, span, ticks } = waterfall(exchanges, Date.now());
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
        {shown.map(({ exchange, depth, left, width, waited, guessed }, at) => {
          const { id, seq, title, edge, ms, protocol, guess } = exchange;
          const [verb, rest] = verbAndRest(title);
          return (
            <li key={seq}>
              {guessed && shown[at - 1]?.guessed !== true && <p className="bar-guesses">Only guessed to belong here</p>}
              <button
                type="button"
                className="bar-row"
                aria-current={seq === current || undefined}
                data-path={marks.has(seq) || undefined}
                title={`${title}\n${edge} · ${statusText(exchange)}${ms === null ? "" : ` · ${took(ms)}`}${guess === null ? "" : `\n${guessHint(guess)}`}`}
                onClick={() => onShow(id)}
              >
                <span className="bar-what" style={{ paddingLeft: `${Math.min(depth, 10) * 14}px` }}>
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
                <span className="bar-room" aria-hidden="true">
                  {ticks.map((at) => (
                    <span key={at} className="bar-tick" style={{ left: `${(at / span) * 100}%` }} />
                  ))}
                  <span
                    className="bar"
                    data-guessed={guessed || undefined}
                    data-tone={toneOf(exchange)}
                    style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
                  >
                    <span style={{ width: `${waited * 100}%` }} />
                  </span>
                  {marks.get(seq)?.map((mark) => (
                    <span
                      key={mark.left}
                      className="bar-path"
                      style={{ left: `${mark.left * 100}%`, width: `${mark.width * 100}%` }}
                    />
                  ))}
                  <span className="bar-took" data-flip={left + width > 0.78 || undefined} style={bound(left, width)}>
                    {ms === null ? "…" : took(ms)}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {marks.size > 1 && <p className="waterfall-legend">Critical path: shortening it shortens the whole</p>}
      {bars.length > MOST && <p className="soft">and {(bars.length - MOST).toLocaleString("en")} more</p>}
    </div>
  );
}

/** A bar's time stands behind it, or where there is no room before or in it. */
function bound(left: number, width: number): React.CSSProperties {
  return left + width > 0.78 ? { right: `${(1 - left - width) * 100}%` } : { left: `${(left + width) * 100}%` };
}
