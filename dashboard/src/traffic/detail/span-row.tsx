import { useState } from "react";
import type { KeptSpan } from "../../../../src/telemetry/store.ts";
import { took } from "../list/words.ts";
import { AttributeList } from "./attribute-list.tsx";
import { BarRoom } from "./bar-room.tsx";
import type { Bar } from "./waterfall.ts";
import "./span-row.css";

interface SpanRowProps {
  readonly bar: Bar;
  readonly of: KeptSpan;
  readonly room: { readonly ticks: readonly number[]; readonly span: number };
}

/** A span that a service reported; a click shows what it says. */
export function SpanRow({ bar, of, room }: SpanRowProps) {
  const [open, setOpen] = useState(false);
  const { service, name, kind, ms, failed, message, scope } = of;
  const said = message === "" ? "" : `\n${message}`;
  return (
    <>
      <button
        type="button"
        className="bar-row"
        data-reported
        aria-expanded={open}
        title={`${name}\nreported by ${service} · ${took(ms)}${said}`}
        onClick={() => setOpen(!open)}
      >
        <span className="bar-what" style={{ paddingLeft: `${Math.min(bar.depth, 10) * 14}px` }}>
          <span className="bar-edge">
            {service}
            <span className="span-mark">span</span>
            {failed && (
              <span className="note" data-warns>
                failed
              </span>
            )}
          </span>
          <span className="bar-title">{name}</span>
        </span>
        <BarRoom bar={bar} {...room} tone={failed ? "bad" : "good"} time={took(ms)} marks={[]} />
      </button>
      {open && (
        <div className="span-detail">
          {message !== "" && <p>{message}</p>}
          <AttributeList attributes={{ kind, ...(scope !== "" && { "made by": scope }), ...of.attributes }} />
          {of.events.map((event) => (
            <div key={`${event.at} ${event.name}`} className="span-event">
              <p>
                {event.name} <span className="soft">after {took(Math.max(0, event.at - of.at))}</span>
              </p>
              <AttributeList attributes={event.attributes} />
            </div>
          ))}
        </div>
      )}
    </>
  );
}
