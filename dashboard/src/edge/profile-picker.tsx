import { useId, useState } from "react";
import { readConditions } from "../../../src/conditions/text.ts";
import { isFault } from "../../../src/fault/fault.ts";
import type { Shapes } from "../home/api.ts";
import { type Ends, words } from "./words.ts";
import "./profile-picker.css";

interface ProfilePickerProps {
  readonly profiles: Shapes["profiles"];
  readonly ends: Ends;
  readonly value: string | null;
  readonly onPick: (profile: Shapes["profiles"][number]) => void;
}

/** Named networks; each says what it does and where its values come from. */
export function ProfilePicker({ profiles, ends, value, onPick }: ProfilePickerProps) {
  const name = useId();
  const hint = useId();
  const [pointed, setPointed] = useState<string | null>(null);
  const told = profiles.find((one) => one.name === (pointed ?? value));
  return (
    <fieldset className="profiles" aria-describedby={hint}>
      <legend>Profile</legend>
      <div className="profile-names" onPointerLeave={() => setPointed(null)}>
        {profiles.map((profile) => (
          <label
            key={`${profile.own} ${profile.name}`}
            className="profile"
            data-own={profile.own || undefined}
            title={`${profile.name}: ${profile.source}`}
            onPointerEnter={() => setPointed(profile.name)}
          >
            <input
              type="radio"
              name={name}
              value={profile.name}
              checked={value === profile.name}
              onChange={() => onPick(profile)}
              onFocus={() => setPointed(profile.name)}
              onBlur={() => setPointed(null)}
            />
            <span>{profile.name}</span>
          </label>
        ))}
      </div>
      <p id={hint} className="profile-hint">
        {told === undefined ? (
          "A realistic network, for this edge only. It takes effect at once."
        ) : (
          <>
            <strong>{told.name}</strong> {inWords(told.text, ends)}. <span>{told.source}</span>
          </>
        )}
      </p>
    </fieldset>
  );
}

function inWords(text: string, ends: Ends): string {
  const conditions = readConditions(text);
  return isFault(conditions) ? text : conditions.map((one) => words(one, ends)).join("; ");
}
