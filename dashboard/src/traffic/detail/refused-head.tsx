import type { HttpDetail } from "../../../../src/inspect/detail.ts";
import { printable } from "../../../../src/text/printable.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Code } from "../body/code.tsx";

/** A response head that was not passed on: why, and what the service sent. */
export function RefusedHead({ reason, text }: NonNullable<HttpDetail["refusedHead"]>) {
  // A CR without LF stays visible: it may be what is wrong.
  const shown = printable(text.replaceAll("\r\n", "\n").trimEnd());
  return (
    <section className="part" aria-labelledby="refused-head">
      <h3 id="refused-head">
        Refused response head <CopyButton text={shown} label="Copy the refused head" />
      </h3>
      <div className="cause">
        <p className="cause-message">{printable(reason)}</p>
        <p className="cause-hint">The client got an error page instead of this:</p>
      </div>
      <Code text={shown} language={null} />
    </section>
  );
}
