import { type ReactNode, useId } from "react";
import { FieldFault } from "../../parts/field-fault.tsx";
import type { Draft } from "./draft.ts";
import "./request-form.css";

interface RequestFormProps {
  readonly draft: Draft;
  readonly onDraft: (draft: Draft) => void;
  /** Why the body can't be edited. */
  readonly fixedBody: string | null;
  readonly problem: string | null;
  readonly onSubmit: () => void;
  /** The buttons. */
  readonly children: ReactNode;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** A request, to be edited. */
export function RequestForm({ draft, onDraft, fixedBody, problem, onSubmit, children }: RequestFormProps) {
  const id = useId();
  const { method, target, headers, body } = draft;
  return (
    <form
      className="request-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <div className="request-line">
        <input
          className="field"
          value={method}
          list={`${id}-methods`}
          aria-label="Method"
          autoCapitalize="characters"
          spellCheck={false}
          onChange={(event) => onDraft({ ...draft, method: event.target.value })}
        />
        <datalist id={`${id}-methods`}>
          {METHODS.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <input
          className="field"
          value={target}
          aria-label="Path and query"
          spellCheck={false}
          autoCapitalize="off"
          onChange={(event) => onDraft({ ...draft, target: event.target.value })}
        />
      </div>
      {body !== null && (body !== "" || !/^(GET|HEAD)$/i.test(method)) && (
        <label>
          Body
          <textarea
            className="field"
            value={body}
            rows={Math.min(14, Math.max(3, body.split("\n").length))}
            spellCheck={false}
            onChange={(event) => onDraft({ ...draft, body: event.target.value })}
          />
        </label>
      )}
      {fixedBody !== null && <p className="soft">{fixedBody}</p>}
      <details className="request-headers">
        <summary>Headers</summary>
        <textarea
          className="field"
          value={headers}
          rows={Math.min(16, headers.split("\n").length + 1)}
          aria-label="Headers, a line each"
          spellCheck={false}
          onChange={(event) => onDraft({ ...draft, headers: event.target.value })}
        />
      </details>
      {problem !== null && <FieldFault fault={{ message: problem }} />}
      <div className="actions">{children}</div>
    </form>
  );
}
