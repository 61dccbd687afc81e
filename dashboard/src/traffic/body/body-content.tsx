import type { ReactNode } from "react";
import type { BodyView } from "../../../../src/inspect/content/forms/body-view.ts";
import { size } from "../../text/size.ts";
import { Code } from "./code.tsx";
import { fromBase64, hexLines } from "./hex.ts";
import type { Language } from "./highlight.ts";
import { JsonTree } from "./json-tree.tsx";
import { Pairs } from "./pairs.tsx";
import "./body-content.css";

const LANGUAGES: Partial<Record<BodyView["form"], Language>> = {
  json: "json",
  javascript: "javascript",
  css: "css",
  html: "markup",
  xml: "markup",
};

/** A body in the form that suits it. */
export function BodyContent({ body }: { readonly body: BodyView }): ReactNode {
  const { form, text, fields, parts, events, frames, graphql } = body;
  if (form === "image" && body.base64 !== null) return <Picture body={body} />;
  if (fields !== null) return <Pairs pairs={fields} label="Fields" />;
  if (parts !== null) return <Parts parts={parts} />;
  if (events !== null) return <Events events={events} />;
  if (graphql !== null) return <Graphql {...graphql} />;
  if (frames !== null) return <Frames frames={frames} />;
  if (form === "json" && text !== null) {
    const value = parsed(text);
    if (value !== undefined) return <JsonTree value={value} />;
  }
  if (text !== null) return <Code text={text} language={LANGUAGES[form] ?? null} />;
  if (body.base64 !== null) return <Hex base64={body.base64} size={body.size} />;
  return <p className="soft">This body can't be shown here.</p>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // cut, or JSON by name only
    return undefined;
  }
}

function Picture({ body: { base64, type, dimensions } }: { readonly body: BodyView }) {
  const kind = type.split(";")[0]?.trim() ?? "";
  return (
    <figure className="picture">
      <img src={`data:${kind};base64,${base64}`} alt="As it was sent" />
      {dimensions !== null && (
        <figcaption className="soft">
          {dimensions.width} × {dimensions.height}
        </figcaption>
      )}
    </figure>
  );
}

function Parts({ parts }: { readonly parts: NonNullable<BodyView["parts"]> }) {
  return (
    <ol className="parts">
      {parts.map(({ name, filename, type, size: bytes, text }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one body never change places
        <li key={at}>
          <p>
            <strong>{name ?? "part"}</strong> {filename !== null && <code>{filename}</code>}{" "}
            <span className="soft">
              {type} {size(bytes)}
            </span>
          </p>
          {text !== null && <Code text={text} language={null} />}
        </li>
      ))}
    </ol>
  );
}

function Events({ events }: { readonly events: NonNullable<BodyView["events"]> }) {
  return (
    <ol className="parts">
      {events.map(({ event, id, data }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events of one body never change places
        <li key={at}>
          <p>
            <strong>{event}</strong> {id !== null && <code>{id}</code>}
          </p>
          <Code text={data} language={/^\s*[{[]/.test(data) ? "json" : null} />
        </li>
      ))}
    </ol>
  );
}

function Frames({ frames }: { readonly frames: NonNullable<BodyView["frames"]> }) {
  return (
    <ol className="parts">
      {frames.map(({ kind, compressed, size: bytes, text }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: frames of one body never change places
        <li key={at}>
          <p>
            <strong>{kind}</strong>{" "}
            <span className="soft">
              {size(bytes)}
              {compressed ? ", compressed" : ""}
            </span>
          </p>
          <Code text={text} language={null} />
        </li>
      ))}
    </ol>
  );
}

function Graphql({ operation, kind, query, variables }: NonNullable<BodyView["graphql"]>) {
  return (
    <>
      <p>
        {kind ?? "query"} <strong>{operation}</strong>
      </p>
      <Code text={query} language="javascript" />
      {variables !== null && (
        <>
          <h4>Variables</h4>
          <Code text={variables} language="json" />
        </>
      )}
    </>
  );
}

function Hex({ base64, size: whole }: { readonly base64: string; readonly size: number }) {
  const bytes = fromBase64(base64);
  return (
    <>
      <pre className="code hex">
        {hexLines(bytes)
          .map(({ at, bytes: pairs, signs }) => `${at}  ${pairs}  ${signs}`)
          .join("\n")}
      </pre>
      {bytes.length < whole && <p className="soft">The first {size(bytes.length)}.</p>}
    </>
  );
}
