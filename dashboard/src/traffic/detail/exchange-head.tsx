import { type ReactNode, useState } from "react";
import type { ExchangeDetail } from "../../../../src/inspect/detail.ts";
import { api } from "../../home/api.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { toast } from "../../parts/toasts.tsx";
import { Link } from "../../routing/link.tsx";
import { trafficPath } from "../../routing/route.ts";
import { count, size } from "../../text/size.ts";
import { clock } from "../../text/time.ts";
import { breakOn } from "../held/breakpoints.tsx";
import { statusText, toneOf, took, verbAndRest } from "../list/words.ts";
import "./exchange-head.css";

interface ExchangeHeadProps {
  readonly detail: ExchangeDetail;
  readonly reveal: boolean;
  readonly onReveal: (reveal: boolean) => void;
  readonly onReplay: () => void;
  readonly close: ReactNode;
}

/** What an exchange is, and what can be done with it. */
export function ExchangeHead({ detail, reveal, onReveal, onReplay, close }: ExchangeHeadProps) {
  const { summary, http, redacted } = detail;
  const { id, short, title, stack, edge, at, ms, bytesUp, bytesDown, protocol } = summary;
  const [verb, rest] = verbAndRest(title);
  const [holds, setHolds] = useState(false);
  const copyAs = (form: "curl" | "fetch") => () => api.copyAs(id, form, reveal);
  const hold = async () => {
    const path = http === null ? "" : ` path:${quoted(http.target.split("?")[0] ?? "/")}`;
    const failed = await breakOn(`stack:${stack} edge:${edge} method:${verb}${path}`);
    if (failed !== null) toast(failed);
    else setHolds(true);
  };
  return (
    <header className="exchange-head">
      <div className="exchange-title">
        <h2 title={title}>
          <span className="verb" data-protocol={protocol} data-verb={protocol === "http" ? verb : undefined}>
            {verb}
          </span>{" "}
          <span className="exchange-rest">{rest}</span>
        </h2>
        {close}
      </div>
      <p className="exchange-facts">
        <span className="status" data-tone={toneOf(summary)}>
          {statusText(summary)}
          {http?.statusText ? ` ${http.statusText}` : ""}
        </span>
        <span>
          <Link href={trafficPath(`edge:${edge} stack:${stack}`)} title={`All of ${edge} in ${stack}`}>
            {edge}
          </Link>{" "}
          in {stack}
        </span>
        <span>{ms === null ? "under way" : took(ms)}</span>
        <span title="Sent and received">
          ↑ {size(bytesUp)} ↓ {size(bytesDown)}
        </span>
        <span>{clock(at)}</span>
        <code title={id}>{short}</code>
      </p>
      <div className="actions">
        {http !== null && (
          <>
            <button type="button" className="button" title="Resend, edited if you like (r)" onClick={onReplay}>
              <Icon name="restart" />
              Replay
            </button>
            <CopyButton text={copyAs("curl")} label="Copy as curl">
              curl
            </CopyButton>
            <CopyButton text={copyAs("fetch")} label="Copy as fetch">
              fetch
            </CopyButton>
            <button
              type="button"
              className="button"
              title="Hold the next request to this path"
              onClick={() => void hold()}
            >
              <Icon name="hold" />
              {holds ? "Holding next" : "Hold next"}
            </button>
          </>
        )}
        {(redacted > 0 || reveal) && (
          <button type="button" className="button" aria-pressed={reveal} onClick={() => onReveal(!reveal)}>
            <Icon name={reveal ? "eye-off" : "eye"} />
            {reveal ? "Hide credentials" : `Reveal ${count(redacted, "credential")}`}
          </button>
        )}
      </div>
    </header>
  );
}

/** A filter's value as it stands, also with signs that mean something to a filter. */
function quoted(value: string): string {
  return /[\s,"]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}
