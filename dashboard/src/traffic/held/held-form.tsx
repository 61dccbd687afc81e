import { useState } from "react";
import { api, type Held } from "../../home/api.ts";
import { Icon } from "../../parts/icon.tsx";
import { draftOf, editOf } from "../request/draft.ts";
import { RequestForm } from "../request/request-form.tsx";
import "./held-form.css";

/** A held request: edited, released, or dropped. */
export function HeldForm({ held }: { readonly held: Held }) {
  const [before] = useState(() => draftOf(held));
  const [now, setNow] = useState(before);
  const [problem, setProblem] = useState<string | null>(null);
  const decide = async (action: "go" | "drop") => {
    const edit = action === "go" ? editOf(now, before) : {};
    if (typeof edit === "string") {
      setProblem(edit);
      return;
    }
    const failed = await api.release(held.id, action, edit);
    if (failed !== null) setProblem(failed.message);
  };
  return (
    <section className="held-form" aria-label="Held request">
      <p className="held-note">
        <Icon name="hold" />
        Held. It continues when you release it, or by itself after ten minutes.
      </p>
      <RequestForm
        draft={now}
        onDraft={(next) => {
          setNow(next);
          setProblem(null);
        }}
        fixedBody={held.body === null ? "The body is not available as text, and is sent unchanged." : null}
        problem={problem}
        onSubmit={() => void decide("go")}
      >
        <button type="submit" className="button" data-tone="main">
          <Icon name="start" />
          Release
        </button>
        <button type="button" className="button" data-tone="danger" onClick={() => void decide("drop")}>
          Drop
        </button>
      </RequestForm>
    </section>
  );
}
