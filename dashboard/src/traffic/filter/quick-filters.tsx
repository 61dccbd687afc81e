import { hasWord, toggleWord } from "./complete.ts";
import "./quick-filters.css";

const QUICK: readonly (readonly [string, string])[] = [
  ["Errors", "status:error"],
  ["Slow", "is:slow"],
  ["Repeated", "is:repeated"],
  ["HTTP", "protocol:http"],
  ["SQL", "protocol:postgres"],
  ["WebSockets", "is:websocket"],
];

/** The filters that are wanted most, one press each. */
export function QuickFilters({
  filter,
  onFilter,
}: {
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
}) {
  return (
    <fieldset className="quick">
      <legend className="unseen">Quick filters</legend>
      {QUICK.map(([label, word]) => (
        <button
          key={word}
          type="button"
          className="quick-filter"
          title={word}
          aria-pressed={hasWord(filter, word)}
          onClick={() => onFilter(toggleWord(filter, word))}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
