import type { ServiceState } from "../../../src/stack/session/messages.ts";
import { STATE_WORDS } from "./state-words.ts";
import "./state-mark.css";

/** Every state has a shape of its own, so that none is told by colour alone. */
const SHAPES: Record<ServiceState, React.ReactNode> = {
  ready: <circle className="fill" cx="8" cy="8" r="5" />,
  starting: (
    <>
      <circle className="faint" cx="8" cy="8" r="5" />
      <path className="turning" d="M8 3a5 5 0 0 1 5 5" />
    </>
  ),
  waiting: <circle className="dashed" cx="8" cy="8" r="5" />,
  unready: (
    <>
      <circle className="dashed" cx="8" cy="8" r="5.4" />
      <path d="M8 5.4v2.9M8 10.6v.1" />
    </>
  ),
  restarting: <path className="turning" d="M12.6 9.9A5 5 0 1 1 12.3 5.4M12.6 2.6v3h-3" />,
  failed: (
    <>
      <path className="fill" d="M8 1.8l6.4 11.4H1.6z" />
      <path className="notch" d="M8 6v3.4M8 11.3v.1" />
    </>
  ),
  stopping: (
    <>
      <path d="M3.5 3.5h9v9h-9z" />
      <path className="fill" d="M6 6h4v4H6z" />
    </>
  ),
  stopped: <path d="M3.5 3.5h9v9h-9z" />,
  completed: <path d="M2.8 8.6l3.4 3.4 7-7.6" />,
};

/** A service's state as shape, colour and word. */
export function StateMark({ state }: { readonly state: ServiceState }) {
  return (
    <span className="state" data-state={state}>
      <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        {SHAPES[state]}
      </svg>
      {STATE_WORDS[state]}
    </span>
  );
}
