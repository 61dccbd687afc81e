import type { ReactNode, RefObject } from "react";
import "./dialog.css";

interface DialogProps {
  readonly dialog: RefObject<HTMLDialogElement | null>;
  readonly label: string;
  readonly children: ReactNode;
}

/** A dialog to look at and close; opened by `showModal`. */
export function Dialog({ dialog, label, children }: DialogProps) {
  return (
    <dialog ref={dialog} className="dialog" aria-label={label}>
      {children}
      <div className="actions">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
