import { Icon } from "../parts/icon.tsx";
import { useCell } from "../state/cell.ts";
import { THEMES, type Theme, theme } from "./theme.ts";

const LABELS: Record<Theme, string> = { auto: "Like the system", light: "Light", dark: "Dark" };

export function ThemeSwitch() {
  const chosen = useCell(theme);
  return (
    <fieldset className="segments">
      <legend className="unseen">Theme</legend>
      {THEMES.map((choice) => (
        <label key={choice} className="segment" title={LABELS[choice]}>
          <input
            type="radio"
            name="theme"
            value={choice}
            checked={choice === chosen}
            onChange={() => theme.set(choice)}
            aria-label={LABELS[choice]}
          />
          <Icon name={choice} />
        </label>
      ))}
    </fieldset>
  );
}
