import type { ExchangeDetail } from "../../../../src/inspect/detail.ts";
import type { ExchangeGuess } from "../../../../src/inspect/guess.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import { Link } from "../../routing/link.tsx";
import { trafficPath } from "../../routing/route.ts";
import { took, warns } from "../list/words.ts";
import { TraceLogs } from "./trace-logs.tsx";
import { useTrace, useWhy } from "./use-detail.ts";
import { type Phase, phases } from "./waterfall.ts";
import { WaterfallView } from "./waterfall-view.tsx";
import { WhyText } from "./why-text.tsx";
import "./overview.css";

interface OverviewProps {
  readonly detail: ExchangeDetail;
  readonly onShow: (id: string) => void;
}

const HOW: Readonly<Record<ExchangeDetail["summary"]["how"], string>> = {
  none: "Began the trace",
  header: "By its traceparent",
  exact: "As the service that sent it reports",
  alone: "By time: no other request was under way at the service that sent it",
  likely: "Not known",
};

const FOR_NONE = "Sent for no request, as the service reports";

/** Where an exchange stands in its trace, and where its time went. */
export function Overview({ detail: { summary, timing, http }, onShow }: OverviewProps) {
  const { id, error, notes, caller, traceId, parentId, how, guess } = summary;
  const { exchanges: trace, spans, logs } = useTrace(id, timing.ended);
  const why = useWhy(id, `${trace.length} ${trace.filter(({ ms }) => ms === null).length} ${timing.ended}`);
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
        {why !== null && <WhyText why={why} onShow={onShow} />}
        <WaterfallView
          exchanges={trace.length > 0 ? trace : [summary]}
          spans={spans}
          current={summary.seq}
          why={why}
          onShow={onShow}
        />
      </section>
      {logs.length > 0 && (
        <section className="part">
          <h3>Log</h3>
          <TraceLogs logs={logs} start={trace[0]?.at ?? summary.at} />
        </section>
      )}
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
              {guess === null ? (
                <>
                  {how === "exact" && parentId === null ? FOR_NONE : HOW[how]} ·{" "}
                  <Link href={trafficPath(`trace:${traceId}`)} title={traceId}>
                    list it
                  </Link>
                </>
              ) : (
                <Under guess={guess} trace={trace} onShow={onShow} />
              )}
            </dd>
          </div>
        </dl>
      </section>
    </>
  );
}

interface UnderProps {
  readonly guess: ExchangeGuess;
  /** The candidates are among them. */
  readonly trace: readonly ExchangeSummary[];
  readonly onShow: (id: string) => void;
}

/** What an exchange may be under. */
function Under({ guess: { count, orNone, candidates }, trace, onShow }: UnderProps) {
  const found = candidates.map(({ seq, short }) => ({ short, of: trace.find((one) => one.seq === seq) }));
  return (
    <>
      {count === 1 ? "Perhaps under this request" : `Under one of ${count} requests that were under way`}
      {orNone && ", or under none: the service may have sent it by itself"}
      {found.length > 0 && (
        <ul className="candidates">
          {found.map(({ short, of }) => (
            <li key={short}>
              {of === undefined ? (
                <span className="soft">{short}, no longer kept</span>
              ) : (
                <button type="button" onClick={() => onShow(of.id)}>
                  {of.title}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
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
