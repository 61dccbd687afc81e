import type { EdgeView } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { ActionButton } from "../parts/action-button.tsx";
import "./scenarios.css";

interface ScenariosProps {
  readonly stack: string;
  readonly edge: EdgeView;
  readonly names: readonly string[];
  readonly disabled: boolean;
}

/** Conditions over time, from the config: what plays here, and what could. */
export function Scenarios({ stack, edge: { id, shape }, names, disabled }: ScenariosProps) {
  const playing = shape?.scenario ?? null;
  // One that was started from a file plays too, though the config doesn't know it.
  const all = playing === null || names.includes(playing) ? names : [playing, ...names];
  if (all.length === 0) return null;
  return (
    <section className="scenarios">
      <h3>Scenarios</h3>
      <ul>
        {all.map((name) => (
          <li key={name} data-playing={name === playing || undefined}>
            <span className="scenario-name">{name}</span>
            {name === playing && <span className="scenario-state">playing</span>}
            {name === playing ? (
              <ActionButton
                icon="stop"
                label="Stop"
                description={`Stop ${name}`}
                disabled={disabled}
                act={() => api.shape(stack, id, "")}
              />
            ) : (
              <ActionButton
                icon="start"
                label="Play"
                description={`Play ${name} on ${id}`}
                disabled={disabled}
                act={() => api.play(stack, id, name)}
              />
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
