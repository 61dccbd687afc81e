import type { Fault } from "../../../src/fault/fault.ts";
import "./field-fault.css";

interface FieldFaultProps {
  readonly fault: Pick<Fault, "message" | "hint">;
  readonly id?: string;
}

/** Under a field: why its text can't be used, and what to write instead. */
export function FieldFault({ fault: { message, hint }, id }: FieldFaultProps) {
  return (
    <p className="field-fault" id={id} role="alert">
      {message}
      {hint !== undefined && <span className="field-fault-hint"> {hint}</span>}
    </p>
  );
}
