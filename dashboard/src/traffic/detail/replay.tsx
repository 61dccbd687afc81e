import { useState } from "react";
import { isFault } from "../../../../src/fault/fault.ts";
import type { ExchangeDetail, HttpDetail } from "../../../../src/inspect/detail.ts";
import { api } from "../../home/api.ts";
import { Icon } from "../../parts/icon.tsx";
import { type Draft, draftOf, editOf, hides, unhide } from "../request/draft.ts";
import { RequestForm } from "../request/request-form.tsx";

interface ReplayProps {
  readonly detail: ExchangeDetail;
  readonly http: HttpDetail;
  /** With the id of the new exchange. */
  readonly onDone: (id: string) => void;
}

/** Resends a request, unchanged or edited. */
export function Replay({ detail: { summary }, http, onDone }: ReplayProps) {
  const [shown] = useState(() => draft(http));
  const [now, setNow] = useState(shown);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const send = async () => {
    if (busy) return;
    setBusy(true);
    const said = await resend(summary.id, now, shown);
    setBusy(false);
    if (said.id !== null) onDone(said.id);
    else setProblem(said.why);
  };
  return (
    <RequestForm
      draft={now}
      onDraft={(next) => {
        setNow(next);
        setProblem(null);
      }}
      fixedBody={fixed(http)}
      problem={problem}
      onSubmit={() => void send()}
    >
      <button type="submit" className="button" data-tone="main" aria-busy={busy}>
        {busy ? <span className="spinner" aria-hidden="true" /> : <Icon name="restart" />}
        Send
      </button>
      {now !== shown && (
        <button type="button" className="button" onClick={() => setNow(shown)}>
          Reset
        </button>
      )}
    </RequestForm>
  );
}

function draft({ method, target, requestHeaders, request }: HttpDetail): Draft {
  const editable = request === null || (request.raw !== null && request.coding === null);
  return draftOf({ method, target, headers: requestHeaders, body: editable ? (request?.raw ?? "") : null });
}

function fixed({ request }: HttpDetail): string | null {
  if (request === null) return null;
  if (request.cut) return "Only the beginning of the body was kept: enter all of it.";
  if (request.coding !== null) return `The body is compressed (${request.coding}) and is sent unchanged.`;
  return request.raw === null ? "The body is not text and is sent unchanged." : null;
}

type Said = { readonly id: string } | { readonly id: null; readonly why: string };

async function resend(id: string, now: Draft, shown: Draft): Promise<Said> {
  let edited = now;
  let before = shown;
  if (hides(now) && now !== shown) {
    // What the writer didn't see is put back from the exchange itself.
    const whole = await api.exchange(id, true);
    if (isFault(whole)) return { id: null, why: whole.message };
    if (whole.http === null) return { id: null, why: "this is not an HTTP request" };
    before = draft(whole.http);
    const real = unhide(now, shown, before);
    if (real === null)
      return { id: null, why: "a hidden credential was edited: reveal credentials first, or enter it in full" };
    edited = real;
  }
  const edit = editOf(edited, before);
  if (typeof edit === "string") return { id: null, why: edit };
  const answer = await api.replay(id, edit);
  return isFault(answer) ? { id: null, why: said(answer) } : { id: answer.id };
}

function said({ message, hint }: { readonly message: string; readonly hint?: string | undefined }): string {
  return hint === undefined ? message : `${message}: ${hint}`;
}
