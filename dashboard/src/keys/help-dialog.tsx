import type { RefObject } from "react";
import { PAGES } from "../pages.ts";

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["/"], "search: services on the map, lines in a log, listeners"],
  ...PAGES.map(({ keys, label }) => [keys.split(" "), `go to the ${label.toLowerCase()} page`] as const),
  [["j", "k"], "down and up the traffic; Enter opens, r replays"],
  [["←", "↑", "↓", "→"], "from service to service on the map, from port to port in the picture"],
  [["Enter"], "open the service; in a search, the next match"],
  [["Tab"], "also to the edges of the map; Enter opens their conditions"],
  [["n", "N"], "next and previous match"],
  [["Esc"], "clear the search, then back to the map"],
  [["?"], "this help"],
];

export function HelpDialog({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <dialog ref={dialog} className="dialog" aria-label="Keyboard shortcuts">
      <h2>Keyboard</h2>
      <dl className="keys">
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <div className="actions">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
