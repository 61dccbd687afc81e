import "./toggle.css";

interface ToggleProps {
  readonly label: string;
  readonly title?: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
}

/** Something that is on or off, and takes effect at once. */
export function Toggle({ label, title, on, onChange }: ToggleProps) {
  return (
    <button
      type="button"
      className="toggle"
      role="switch"
      aria-checked={on}
      title={title}
      onClick={() => onChange(!on)}
    >
      <span className="toggle-track" aria-hidden="true" />
      {label}
    </button>
  );
}
