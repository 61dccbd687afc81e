import { useState } from "react";
import type { HttpDetail } from "../../../../src/inspect/detail.ts";
import { urls } from "../../home/api.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Icon } from "../../parts/icon.tsx";
import { size } from "../../text/size.ts";
import { BodyContent } from "../body/body-content.tsx";
import { Code } from "../body/code.tsx";
import { Pairs } from "../body/pairs.tsx";
import { RefusedHead } from "./refused-head.tsx";
import "./side.css";

interface SideProps {
  readonly id: string;
  readonly http: HttpDetail;
  readonly side: "request" | "response";
  /** Only whoever sees the credentials gets the bytes, which have them. */
  readonly reveal: boolean;
}

/** What one side said: its body and its headers, laid out or as they came. */
export function Side({ id, http, side, reveal }: SideProps) {
  const [raw, setRaw] = useState(false);
  const request = side === "request";
  const body = request ? http.request : http.response;
  const head = request ? http.requestHead : http.responseHead;
  const headers = request ? http.requestHeaders : http.responseHeaders;
  const query = request ? queryOf(http.target) : [];
  const refused = request || http.refusedHead === null ? null : <RefusedHead {...http.refusedHead} />;
  if (head === null || headers === null)
    return refused ?? <p className="soft">No response{http.status === null ? " yet" : ""}.</p>;
  return (
    <>
      {refused}
      <div className="part-tools">
        <fieldset className="segments">
          <legend className="unseen">Form</legend>
          {[false, true].map((choice) => (
            <label key={String(choice)} className="segment">
              <input type="radio" name="form" checked={raw === choice} onChange={() => setRaw(choice)} />
              <span>{choice ? "Raw" : "Pretty"}</span>
            </label>
          ))}
        </fieldset>
        {body?.raw != null && <CopyButton text={body.raw} label="Copy the body" />}
        {reveal && body !== null && body.size > 0 && (
          <a
            className="button bare"
            href={urls.body(id, side)}
            download
            aria-label="Save the body"
            title="Save the body"
          >
            <Icon name="download" />
          </a>
        )}
      </div>
      {body !== null && body.size > 0 && (
        <section className="part">
          <h3>
            Body{" "}
            <span className="soft">
              {size(body.size)}
              {body.type !== "" && ` · ${body.type}`}
              {body.coding !== null && ` · ${body.coding}`}
            </span>
          </h3>
          {body.cut && <p className="cut">Only the first {size(body.kept)} were kept.</p>}
          {body.problem !== null && <p className="cut">{body.problem}</p>}
          {raw && body.raw !== null ? <Code text={body.raw} language={null} /> : <BodyContent body={body} />}
        </section>
      )}
      {query.length > 0 && !raw && (
        <section className="part">
          <h3>Query</h3>
          <Pairs pairs={query} label="Query" />
        </section>
      )}
      <section className="part">
        <h3>
          Headers <span className="soft">{headers.length}</span>
        </h3>
        {raw ? <Code text={head} language={null} /> : <Pairs pairs={headers} label="Headers" />}
      </section>
    </>
  );
}

function queryOf(target: string): (readonly [string, string])[] {
  const at = target.indexOf("?");
  return at < 0 ? [] : [...new URLSearchParams(target.slice(at + 1))];
}
