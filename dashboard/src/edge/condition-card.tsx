import { useId, useState } from "react";
import { KINDS } from "../../../src/conditions/conditions.ts";
import type { Direction } from "../../../src/conditions/kinds/condition.ts";
import { defaultOf, type Field, PROBABILITY } from "../../../src/conditions/kinds/field.ts";
import { Icon } from "../parts/icon.tsx";
import { Segments } from "../parts/segments.tsx";
import { type Draft, withValue } from "./draft.ts";
import { FieldControl } from "./field-control.tsx";
import { EVEN, scaleOf } from "./scale.ts";
import { type Ends, isDirected, way } from "./words.ts";
import "./condition-card.css";

const DIRECTIONS: readonly Direction[] = ["up", "down", "both"];

interface ConditionCardProps {
  readonly draft: Draft;
  readonly ends: Ends;
  readonly problem: string | undefined;
  readonly onChange: (draft: Draft) => void;
  readonly onRemove: () => void;
}

/** The controls of one condition, generated from the fields of its kind. */
export function ConditionCard({ draft, ends, problem, onChange, onRemove }: ConditionCardProps) {
  const heading = useId();
  const kind = KINDS[draft.kind];
  const fields = Object.entries<Field>(kind.fields).filter(
    ([key, { type }]) => type !== "table" || key in draft.values,
  );
  // A choice that asks for a table is none where no table is.
  const without = Object.keys(kind.fields).filter((key) => !fields.some(([shown]) => shown === key));
  const rest = fields.filter(([, field]) => !isFirst(field));
  const usual = ([key, field]: [string, Field]) => (draft.values[key] ?? defaultOf(field)) === defaultOf(field);
  const [opened] = useState(() => !rest.every(usual) || (draft.values.probability ?? 1) !== 1);
  const name = draft.kind.replace("-", " ");
  const control = ([key, field]: [string, Field]) => (
    <FieldControl
      key={key}
      label={key}
      {...{ field, value: draft.values[key] ?? defaultOf(field), without }}
      onChange={(value) => onChange(withValue(draft, key, value))}
    />
  );
  return (
    <li className="condition" data-condition={draft.kind}>
      <header>
        <h4 id={heading}>{name}</h4>
        <p>{kind.about}</p>
        <button type="button" className="button bare" aria-label={`Remove ${name}`} title="Remove" onClick={onRemove}>
          <Icon name="close" />
        </button>
      </header>
      <fieldset aria-labelledby={heading}>
        {fields.filter(([, field]) => isFirst(field)).map(control)}
        {isDirected(draft) && (
          <Ways
            ends={ends}
            value={(draft.values.direction as Direction | undefined) ?? kind.direction}
            onChange={(direction) => onChange(withValue(draft, "direction", direction))}
          />
        )}
        <details open={opened}>
          <summary>More</summary>
          <div className="condition-more">
            {rest.map(control)}
            <FieldControl
              label="probability"
              field={PROBABILITY}
              value={draft.values.probability ?? 1}
              scale={EVEN}
              onChange={(value) => onChange(withValue(draft, "probability", value))}
            />
          </div>
        </details>
      </fieldset>
      {problem !== undefined && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
    </li>
  );
}

/** Fields that are nearly always set, or have no sensible default. */
function isFirst(field: Field): boolean {
  return field.place !== undefined || "required" in field || (scaleOf(field) === null && field.type !== "choice");
}

interface WaysProps {
  readonly ends: Ends;
  readonly value: Direction;
  readonly onChange: (direction: Direction) => void;
}

function Ways({ ends, value, onChange }: WaysProps) {
  const choices = DIRECTIONS.map((one) => ({ value: one, label: way(one, ends) }));
  return (
    <div className="control">
      <span className="control-name">
        direction <span>of the bytes it acts on</span>
      </span>
      <Segments label="direction" choices={choices} value={value} onChange={onChange} />
    </div>
  );
}
