import type { Fault } from "../../../src/fault/fault.ts";
import { createCell, useCell } from "../state/cell.ts";
import { Icon } from "./icon.tsx";
import "./toasts.css";

type Toast = Pick<Fault, "message" | "hint"> & { readonly id: number };

const toasts = createCell<readonly Toast[]>([]);
/** More than these would hide the page. */
const MOST = 3;
let last = 0;

/** Shows what went wrong and what to do, until it is dismissed. */
export function toast({ message, hint }: Pick<Fault, "message" | "hint">): void {
  const others = toasts.get().filter((one) => one.message !== message);
  toasts.set([...others, { id: ++last, message, ...(hint !== undefined && { hint }) }].slice(-MOST));
}

export function Toasts() {
  const shown = useCell(toasts);
  return (
    <div className="toasts" role="alert">
      {shown.map(({ id, message, hint }) => (
        <div key={id} className="toast">
          <div>
            <p className="toast-message">{message}</p>
            {hint !== undefined && <p className="toast-hint">{hint}</p>}
          </div>
          <button
            type="button"
            className="button bare"
            aria-label="Dismiss"
            onClick={() => toasts.set(toasts.get().filter((one) => one.id !== id))}
          >
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
