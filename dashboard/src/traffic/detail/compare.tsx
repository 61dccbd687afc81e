import { useEffect, useState } from "react";
import { type Fault, isFault } from "../../../../src/fault/fault.ts";
import type { BodyDiff, Changed, DiffLine, ExchangeDiff, HeaderChange } from "../../../../src/inspect/diff.ts";
import type { ExchangeSummary } from "../../../../src/inspect/summary.ts";
import { api } from "../../home/api.ts";
import { clock } from "../../text/time.ts";
import { statusText, took } from "../list/words.ts";
import { folded } from "./fold.ts";
import "./compare.css";

interface CompareProps {
  readonly summary: ExchangeSummary;
  /** The one that it is compared with at first: what it is a replay of. Null: the last one like it. */
  readonly first: string | null;
}

/** Exchanges to choose from. */
const MOST = 30;

/** What is different between two exchanges: another one before, this one after. */
export function Compare({ summary, first }: CompareProps) {
  const [others, setOthers] = useState<readonly ExchangeSummary[]>([]);
  const [chosen, setChosen] = useState(first);
  const [found, setFound] = useState<{ readonly diff: ExchangeDiff | null; readonly fault: Fault | null } | null>(null);
  const { id, edge, stack, seq, ms } = summary;

  useEffect(() => {
    let left = false;
    void api.lastExchanges(`edge:${edge} stack:${stack}`, 100).then((answer) => {
      if (left || isFault(answer)) return;
      const like = alike(summary, answer.exchanges).slice(0, MOST);
      setOthers(like);
      setChosen((before) => {
        if (before === null) return (like.find((one) => one.seq < seq) ?? like[0])?.id ?? null;
        return like.find(({ id, short }) => id === before || short === before)?.id ?? before;
      });
    });
    return () => {
      left = true;
    };
  }, [edge, stack, seq, summary]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: its end brings the rest
  useEffect(() => {
    if (chosen === null) return;
    let left = false;
    void api.diff(chosen, id).then((answer) => {
      if (!left) setFound(isFault(answer) ? { diff: null, fault: answer } : { diff: answer, fault: null });
    });
    return () => {
      left = true;
    };
  }, [chosen, id, ms]);

  const known = others.some((one) => one.id === chosen);
  return (
    <>
      <label className="choice compare-with">
        Compared with
        <select value={chosen ?? ""} onChange={(event) => setChosen(event.target.value)}>
          {chosen === null && <option value="">nothing to compare</option>}
          {chosen !== null && !known && <option value={chosen}>{chosen}</option>}
          {others.map((one) => (
            <option key={one.id} value={one.id}>
              {`${clock(one.at)}  ${statusText(one)}  ${one.title.slice(0, 70)}`}
            </option>
          ))}
        </select>
      </label>
      {found?.fault && <p className="cut">{found.fault.message}</p>}
      {found?.diff && <Differences diff={found.diff} />}
    </>
  );
}

/** Those of the same kind first to last, the same path before others. */
function alike(summary: ExchangeSummary, all: readonly ExchangeSummary[]): ExchangeSummary[] {
  const path = ({ title }: ExchangeSummary) => title.split("?")[0];
  const others = all.filter(({ id, protocol }) => id !== summary.id && protocol === summary.protocol);
  const same = others.filter((one) => path(one) === path(summary));
  return [...same, ...others.filter((one) => !same.includes(one))];
}

function Differences({ diff }: { readonly diff: ExchangeDiff }) {
  const { request, status, requestHeaders, responseHeaders, requestBody, responseBody, timing } = diff;
  const alike =
    request === null &&
    status === null &&
    requestHeaders.length + responseHeaders.length === 0 &&
    requestBody.same &&
    responseBody.same;
  const { before, after } = timing.ended;
  return (
    <>
      {alike && <p className="soft">No differences.</p>}
      {request !== null && <Lines title="Request" lines={both(request)} />}
      {status !== null && <Lines title="Status" lines={both(status)} />}
      <Headers title="Request headers" changes={requestHeaders} />
      <Body title="Request body" body={requestBody} />
      <Headers title="Response headers" changes={responseHeaders} />
      <Body title="Response body" body={responseBody} />
      {before !== null && after !== null && (
        <p className="soft">
          Took {took(after)}, before {took(before)}.
        </p>
      )}
    </>
  );
}

const both = ({ before, after }: Changed): DiffLine[] => [
  ...before.split("\n").map((text) => ({ sign: "removed" as const, text })),
  ...after.split("\n").map((text) => ({ sign: "added" as const, text })),
];

function Headers({ title, changes }: { readonly title: string; readonly changes: readonly HeaderChange[] }) {
  if (changes.length === 0) return null;
  const lines = changes.flatMap(({ name, before, after }): DiffLine[] => [
    ...(before === null ? [] : [{ sign: "removed" as const, text: `${name}: ${before}` }]),
    ...(after === null ? [] : [{ sign: "added" as const, text: `${name}: ${after}` }]),
  ]);
  return <Lines title={title} lines={lines} />;
}

function Body({ title, body: { same, lines, problem } }: { readonly title: string; readonly body: BodyDiff }) {
  if (same) return null;
  return (
    <>
      <Lines title={title} lines={lines} />
      {problem !== null && <p className="cut">{problem}</p>}
    </>
  );
}

const SIGNS: Readonly<Record<DiffLine["sign"], string>> = { same: " ", removed: "−", added: "+" };

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly DiffLine[] }) {
  if (lines.length === 0) return <h3 className="soft">{title}</h3>;
  return (
    <section className="part">
      <h3>{title}</h3>
      <pre className="code diff">
        {folded(lines).map((line, at) =>
          typeof line === "number" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one comparison never change places
            <span key={at} className="diff-fold">
              {line.toLocaleString("en")} lines the same
            </span>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one comparison never change places
            <span key={at} className="diff-line" data-sign={line.sign}>
              <span aria-hidden="true">{SIGNS[line.sign]} </span>
              <span className="unseen">{line.sign === "same" ? "" : `${line.sign}: `}</span>
              {line.text}
              {"\n"}
            </span>
          ),
        )}
      </pre>
    </section>
  );
}
