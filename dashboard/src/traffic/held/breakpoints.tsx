import { type FormEvent, useEffect, useRef, useState } from "react";
import { type Fault, isFault } from "../../../../src/fault/fault.ts";
import { api, type Breakpoint } from "../../home/api.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { FieldFault } from "../../parts/field-fault.tsx";
import { Icon } from "../../parts/icon.tsx";
import { createCell, useCell } from "../../state/cell.ts";
import "./breakpoints.css";

/** Requests that match one of these are held. Shared by all components that show them. */
const breakpoints = createCell<readonly Breakpoint[]>([]);

async function refresh(): Promise<void> {
  const answer = await api.breakpoints();
  if (!isFault(answer)) breakpoints.set(answer);
}

/** Sets one. Returns why it couldn't. */
export async function breakOn(filter: string): Promise<Fault | null> {
  const failed = await api.addBreakpoint(filter);
  if (failed === null) await refresh();
  return failed;
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
    setFault(await api.removeBreakpoint(id));
    await refresh();
  };
  return (
    <>
      <button
        type="button"
        className="button bare breakpoints-button"
        data-set={set.length > 0 || undefined}
        aria-label={set.length === 0 ? "Breakpoints" : `Breakpoints: ${set.length} set`}
        title="Hold requests, to inspect and edit them"
        onClick={open}
      >
        <Icon name="hold" />
        {set.length > 0 && <span>{set.length}</span>}
      </button>
      <Dialog dialog={dialog} label="Breakpoints">
        <h2>Breakpoints</h2>
        <p>A request that matches is held until you release it, unchanged or edited.</p>
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
            Add
          </button>
        </form>
        {fault !== null && <FieldFault fault={fault} />}
      </Dialog>
    </>
  );
}
