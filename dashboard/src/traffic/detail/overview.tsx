import type { ExchangeDetail } from "../../../../src/inspect/detail.ts";
import { Link } from "../../routing/link.tsx";
import { trafficPath } from "../../routing/route.ts";
import { took, warns } from "../list/words.ts";
import { useTrace } from "./use-detail.ts";
import { type Phase, phases } from "./waterfall.ts";
import { WaterfallView } from "./waterfall-view.tsx";
import "./overview.css";

interface OverviewProps {
  readonly detail: ExchangeDetail;
  readonly onShow: (id: string) => void;
}

const HOW: Readonly<Record<ExchangeDetail["summary"]["how"], string>> = {
  own: "began the trace",
  header: "by its traceparent",
  alone: "by time: nothing else was under way there",
  likely: "likely, by time: the latest of several that were under way there",
};

/** Where an exchange stands in its trace, and where its time went. */
export function Overview({ detail: { summary, timing, http }, onShow }: OverviewProps) {
  const { id, error, notes, caller, traceId, how } = summary;
  const trace = useTrace(id, timing.ended);
  const steps = phases(timing);
  return (
    <>
      {error !== null && (
        <div className="cause" role="alert">
          <p className="cause-message">
            {error.code} {error.message}
          </p>
        </div>
      )}
      {notes.length > 0 && (
        <p className="notes">
          {notes.map((note) => (
            <span key={note} className="note" data-warns={warns(note) || undefined}>
              {note}
            </span>
          ))}
        </p>
      )}
      <section className="part">
        <h3>Trace</h3>
        <WaterfallView exchanges={trace.length > 0 ? trace : [summary]} current={summary.seq} onShow={onShow} />
      </section>
      {steps.length > 0 && (
        <section className="part">
          <h3>Time</h3>
          <Phases phases={steps} />
        </section>
      )}
      <section className="part">
        <h3>About</h3>
        <dl className="pairs">
          {http !== null && (
            <div>
              <dt>URL</dt>
              <dd>
                <code>{http.url}</code>
              </dd>
            </div>
          )}
          <div>
            <dt>Caller</dt>
            <dd>
              {caller.process === null ? "unknown program" : `${caller.process.program}, pid ${caller.process.pid}`}
              <span className="soft"> at {caller.address}</span>
            </dd>
          </div>
          <div>
            <dt>In its trace</dt>
            <dd>
              {HOW[how]} ·{" "}
              <Link href={trafficPath(`trace:${traceId}`)} title={traceId}>
                list it
              </Link>
            </dd>
          </div>
        </dl>
      </section>
    </>
  );
}

function Phases({ phases: steps }: { readonly phases: readonly Phase[] }) {
  const whole = Math.max(steps.at(-1)?.to ?? 0, 0.001);
  return (
    <ol className="phases">
      {steps.map(({ name, from, to }, at) => (
        <li key={name} data-phase={at === steps.length - 1 ? "last" : name.split(" ")[0]?.toLowerCase()}>
          <span>{name}</span>
          <span className="phase-room" aria-hidden="true">
            <span style={{ left: `${(from / whole) * 100}%`, width: `${((to - from) / whole) * 100}%` }} />
          </span>
          <span className="phase-took">{took(to - from)}</span>
        </li>
      ))}
    </ol>
  );
}
