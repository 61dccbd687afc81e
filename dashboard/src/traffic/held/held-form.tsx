import { useState } from "react";
import { isFault } from "../../home/api.ts";
import { Icon } from "../../parts/icon.tsx";
import { type Held, release } from "../api.ts";
import { draftOf, editOf } from "../request/draft.ts";
import { RequestForm } from "../request/request-form.tsx";

/** A request that waits: edited, let go, or dropped. */
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
    const answer = await release(held.id, action, edit);
    if (isFault(answer)) setProblem(answer.message);
  };
  return (
    <section className="held-form" aria-label="Held request">
      <p className="held-note">
        <Icon name="hold" />
        Held at the door. It goes on when you let it go, or by itself after ten minutes.
      </p>
      <RequestForm
        draft={now}
        onDraft={(next) => {
          setNow(next);
          setProblem(null);
        }}
        fixedBody={held.body === null ? "The body is not here as a text, and goes as it is." : null}
        problem={problem}
        onSubmit={() => void decide("go")}
      >
        <button type="submit" className="button" data-tone="main">
          <Icon name="start" />
          Let go
        </button>
        <button type="button" className="button" data-tone="danger" onClick={() => void decide("drop")}>
          Drop
        </button>
      </RequestForm>
    </section>
  );
}
