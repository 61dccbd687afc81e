import { type FormEvent, useEffect, useRef, useState } from "react";
import type { Fault } from "../../../../src/fault/fault.ts";
import { isFault } from "../../home/api.ts";
import { Icon } from "../../parts/icon.tsx";
import { createCell, useCell } from "../../state/cell.ts";
import { addBreakpoint, type Breakpoint, fetchBreakpoints, removeBreakpoint } from "../api.ts";

/** Requests that fit one of these wait at the door. Shared by all that shows them on the page. */
const breakpoints = createCell<readonly Breakpoint[]>([]);

async function refresh(): Promise<void> {
  const answer = await fetchBreakpoints();
  if (!isFault(answer)) breakpoints.set(answer.breakpoints);
}

/** Sets one; returns why it couldn't. */
export async function breakOn(filter: string): Promise<Fault | null> {
  const answer = await addBreakpoint(filter);
  if (isFault(answer)) return answer;
  await refresh();
  return null;
}

export function BreakpointsButton({ filter }: { readonly filter: string }) {
  const set = useCell(breakpoints);
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState("");
  const [fault, setFault] = useState<Fault | null>(null);
  useEffect(() => {
    void refresh();
  }, []);
  const open = () => {
    setText(filter);
    setFault(null);
    void refresh();
    dialog.current?.showModal();
  };
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === "") return;
    const failed = await breakOn(text.trim());
    setFault(failed);
    if (failed === null) setText("");
  };
  const remove = async (id: number) => {
    const answer = await removeBreakpoint(id);
    if (isFault(answer)) setFault(answer);
    await refresh();
  };
  return (
    <>
      <button
        type="button"
        className="button bare breakpoints-button"
        data-set={set.length > 0 || undefined}
        aria-label={set.length === 0 ? "Breakpoints" : `Breakpoints: ${set.length} set`}
        title="Hold requests, to look at and change them"
        onClick={open}
      >
        <Icon name="hold" />
        {set.length > 0 && <span>{set.length}</span>}
      </button>
      <dialog ref={dialog} className="dialog" aria-label="Breakpoints">
        <h2>Breakpoints</h2>
        <p>A request that fits waits at the door until you let it go, as it is or edited.</p>
        {set.length > 0 && (
          <ul className="breakpoints">
            {set.map((one) => (
              <li key={one.id}>
                <code>{one.filter}</code>
                <button
                  type="button"
                  className="button bare"
                  aria-label={`Remove ${one.filter}`}
                  onClick={() => void remove(one.id)}
                >
                  <Icon name="close" />
                </button>
              </li>
            ))}
          </ul>
        )}
        <form className="breakpoint-form" onSubmit={onSubmit}>
          <input
            className="field"
            type="text"
            value={text}
            placeholder="method:POST path:/orders*"
            aria-label="Filter of a new breakpoint"
            aria-invalid={fault !== null}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
          />
          <button type="submit" className="button" disabled={text.trim() === ""}>
            <Icon name="hold" />
            Hold these
          </button>
        </form>
        {fault !== null && (
          <p className="filter-fault" role="alert">
            {fault.message}
            {fault.hint !== undefined && <span className="filter-hint"> {fault.hint}</span>}
          </p>
        )}
        <div className="actions">
          <button type="button" className="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}
