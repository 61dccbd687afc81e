import { type Condition, KINDS } from "../../../src/conditions/conditions.ts";
import { ConditionCard } from "./condition-card.tsx";
import { begin, type Draft } from "./draft.ts";
import type { Ends } from "./words.ts";
import "./conditions-editor.css";

interface ConditionsEditorProps {
  readonly drafts: readonly Draft[];
  readonly problems: ReadonlyMap<number, string>;
  readonly ends: Ends;
  readonly onChange: (drafts: readonly Draft[]) => void;
}

/** All conditions of an edge, each with its controls, and a way to add one of any kind. */
export function ConditionsEditor({ drafts, problems, ends, onChange }: ConditionsEditorProps) {
  return (
    <section className="conditions">
      <header>
        <h3>Conditions</h3>
        <span className="choice">
          <select
            aria-label="Add a condition"
            value=""
            onChange={({ target: { value } }) => onChange([...drafts, begin(value as Condition["kind"])])}
          >
            <option value="" disabled hidden>
              Add …
            </option>
            {Object.values(KINDS).map(({ kind, about }) => (
              <option key={kind} value={kind} title={about}>
                {kind.replace("-", " ")}
              </option>
            ))}
          </select>
        </span>
      </header>
      {drafts.length === 0 && <p className="soft">None. Choose a profile above, or add a condition.</p>}
      <ol>
        {drafts.map((draft) => (
          <ConditionCard
            key={draft.id}
            {...{ draft, ends, problem: problems.get(draft.id) }}
            onChange={(changed) => onChange(drafts.map((one) => (one.id === draft.id ? changed : one)))}
            onRemove={() => onChange(drafts.filter((one) => one.id !== draft.id))}
          />
        ))}
      </ol>
    </section>
  );
}
