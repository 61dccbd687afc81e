import { useState } from "react";
import type { HttpDetail, MessageView } from "../../../../src/inspect/detail.ts";
import { size } from "../../text/size.ts";
import { Code } from "../body/code.tsx";
import { fromBase64, hexLines } from "../body/hex.ts";
import { took } from "../list/words.ts";
import "./messages.css";

/** Messages that are drawn at once. */
const PAGE = 200;

/** A WebSocket as the conversation that it is. */
export function Messages({ kept, total }: NonNullable<HttpDetail["messages"]>) {
  const [shown, setShown] = useState(PAGE);
  const first = Math.max(0, kept.length - shown);
  return (
    <>
      {total > kept.length && (
        <p className="cut">
          The last {kept.length.toLocaleString("en")} of {total.toLocaleString("en")}.
        </p>
      )}
      {kept.length === 0 && <p className="soft">No messages yet.</p>}
      {first > 0 && (
        <button type="button" className="button more" onClick={() => setShown(shown + PAGE)}>
          {first.toLocaleString("en")} earlier
        </button>
      )}
      <ol className="talk">
        {kept.slice(first).map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: counted from the first one, which stays the first
          <Message key={first + at} message={message} />
        ))}
      </ol>
    </>
  );
}

function Message({ message: { way, at, kind, size: bytes, text, base64, cut } }: { readonly message: MessageView }) {
  return (
    <li data-way={way} data-kind={kind}>
      <p className="talk-facts">
        <span className="unseen">{way === "up" ? "sent" : "received"}</span>
        {kind !== "text" && <strong>{kind}</strong>} {size(bytes)}
        {cut && ", cut"} <span>+{took(at)}</span>
      </p>
      {text !== null && text !== "" && <Code text={text} language={/^\s*[{[]/.test(text) ? "json" : null} />}
      {base64 !== null && base64 !== "" && (
        <pre className="code hex">
          {hexLines(fromBase64(base64))
            .slice(0, 16)
            .map(({ bytes: pairs, signs }) => `${pairs}  ${signs}`)
            .join("\n")}
        </pre>
      )}
    </li>
  );
}
