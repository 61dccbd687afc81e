import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { type Field, printField, readField } from "../../../src/conditions/kinds/field.ts";
import { PLACES, type Scale, scaleOf } from "./scale.ts";
import "./field-control.css";

interface FieldControlProps {
  readonly label: string;
  readonly field: Field;
  /** Undefined: left out. */
  readonly value: unknown;
  /** Default: the scale of the field's type. */
  readonly scale?: Scale;
  /** Values of a choice that make no sense here. */
  readonly without?: readonly string[];
  readonly onChange: (value: unknown) => void;
}

/** What a parameter is set with, by its type: a slider for numbers, a list for choices, and a text field for the rest. */
export function FieldControl({ label, field, value, scale, without = [], onChange }: FieldControlProps) {
  const id = useId();
  const slider = scale ?? scaleOf(field);
  return (
    <div className="control" data-slides={slider !== null || undefined}>
      <label className="control-name" htmlFor={id}>
        {label} <span>{field.about}</span>
      </label>
      {field.type === "choice" ? (
        <span className="choice">
          <select id={id} value={String(value ?? field.default)} onChange={(event) => onChange(event.target.value)}>
            {field.of
              .filter((one) => !without.includes(one))
              .map((one) => (
                <option key={one}>{one}</option>
              ))}
          </select>
        </span>
      ) : (
        <Written id={slider === null ? id : undefined} {...{ label, field, value, onChange }} />
      )}
      {slider !== null && (
        <input
          id={id}
          className="slider"
          type="range"
          min={0}
          max={PLACES}
          value={slider.place(typeof value === "number" ? value : undefined)}
          aria-valuetext={value === undefined ? "left out" : printField(field, value)}
          onChange={(event) => onChange(slider.value(Number(event.target.value)))}
        />
      )}
    </div>
  );
}

interface WrittenProps extends Pick<FieldControlProps, "label" | "field" | "value" | "onChange"> {
  readonly id: string | undefined;
}

/** A value as text: `200`, `1.5s`, `50KB/s`. Applied on Enter, or when the field loses focus. */
function Written({ id, label, field, value, onChange }: WrittenProps) {
  const shown = value === undefined ? "" : printField(field, value);
  const [text, setText] = useState(shown);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText(shown);
    setProblem(null);
  }, [shown]);

  const take = () => {
    if (text.trim() === shown) return;
    if (text.trim() === "") return onChange(undefined);
    const read = readField(field, text);
    if (typeof read === "object" && "unfit" in read) setProblem(read.unfit);
    else onChange(read);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") take();
    if (event.key !== "Escape" || text === shown) return;
    event.preventDefault();
    event.stopPropagation();
    setText(shown);
    setProblem(null);
  };
  return (
    <>
      <input
        id={id}
        className="field written"
        type="text"
        value={text}
        placeholder="–"
        readOnly={field.type === "table"}
        aria-label={id === undefined ? `${label}, written` : undefined}
        aria-invalid={problem !== null || undefined}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        onBlur={take}
        onKeyDown={onKeyDown}
      />
      {problem !== null && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
