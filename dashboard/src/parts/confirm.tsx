import type { RefObject } from "react";
import "./dialog.css";

interface ConfirmProps {
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly question: string;
  /** What happens. */
  readonly children: React.ReactNode;
  /** The button that does it. */
  readonly yes: string;
  readonly onAnswer: (sure: boolean) => void;
}

/** Asks before something that is a nuisance to undo; opened by `showModal`. */
export function Confirm({ dialog, question, children, yes, onAnswer }: ConfirmProps) {
  const close = (answer: "yes" | "no") => dialog.current?.close(answer);
  return (
    <dialog
      ref={dialog}
      className="dialog"
      aria-label={question}
      onCancel={() => close("no")}
      onClose={() => onAnswer(dialog.current?.returnValue === "yes")}
    >
      <h2>{question}</h2>
      <p>{children}</p>
      <div className="actions">
        <button type="button" className="button" onClick={() => close("no")}>
          Cancel
        </button>
        <button type="button" className="button" data-tone="danger" onClick={() => close("yes")}>
          {yes}
        </button>
      </div>
    </dialog>
  );
}
