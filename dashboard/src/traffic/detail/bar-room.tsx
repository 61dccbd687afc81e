import type { Tone } from "../list/words.ts";
import type { Bar, PathMark } from "./waterfall.ts";

interface BarRoomProps {
  readonly bar: Bar;
  /** Of the whole waterfall, ms. */
  readonly span: number;
  readonly ticks: readonly number[];
  readonly tone: Tone;
  readonly time: string;
  readonly marks: readonly PathMark[];
}

/** A bar on the waterfall's line of time. */
export function BarRoom({ bar: { left, width, waited, guessed, span: reported }, ...rest }: BarRoomProps) {
  const { span, ticks, tone, time, marks } = rest;
  return (
    <span className="bar-room" aria-hidden="true">
      {ticks.map((at) => (
        <span key={at} className="bar-tick" style={{ left: `${(at / span) * 100}%` }} />
      ))}
      <span
        className="bar"
        data-guessed={guessed || undefined}
        data-reported={reported !== null || undefined}
        data-tone={tone}
        style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
      >
        <span style={{ width: `${waited * 100}%` }} />
      </span>
      {marks.map((mark) => (
        <span
          key={mark.left}
          className="bar-path"
          style={{ left: `${mark.left * 100}%`, width: `${mark.width * 100}%` }}
        />
      ))}
      <span className="bar-took" data-flip={left + width > 0.78 || undefined} style={bound(left, width)}>
        {time}
      </span>
    </span>
  );
}

/** A bar's time stands behind it, or where there is no room before or in it. */
function bound(left: number, width: number): React.CSSProperties {
  return left + width > 0.78 ? { right: `${(1 - left - width) * 100}%` } : { left: `${(left + width) * 100}%` };
}
