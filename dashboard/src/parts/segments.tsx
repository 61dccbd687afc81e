import { useId } from "react";
import { Icon, type IconName } from "./icon.tsx";
import "./segments.css";

interface Segment<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly icon?: IconName;
  readonly title?: string;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly choices: readonly Segment<T>[];
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** The labels are read out, not shown. */
  readonly iconsOnly?: boolean;
}

/** One of a few, all in sight. */
export function Segments<T extends string>({ label, choices, value, onChange, iconsOnly = false }: SegmentsProps<T>) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="unseen">{label}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className="segment" title={choice.title ?? (iconsOnly ? choice.label : undefined)}>
          <input
            type="radio"
            name={name}
            value={choice.value}
            checked={choice.value === value}
            aria-label={choice.label}
            onChange={() => onChange(choice.value)}
          />
          {choice.icon !== undefined && <Icon name={choice.icon} />}
          {!iconsOnly && <span>{choice.label}</span>}
        </label>
      ))}
    </fieldset>
  );
}
