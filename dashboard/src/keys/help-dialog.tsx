import type { RefObject } from "react";
import { PAGES } from "../pages.ts";
import { Dialog } from "../parts/dialog.tsx";
import "./help-dialog.css";

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [["/"], "search or filter"],
  ...PAGES.map(({ keys, label }) => [keys.split(" "), `go to the ${label.toLowerCase()} page`] as const),
  [["j", "k"], "next and previous exchange; Enter opens, r replays"],
  [["←", "↑", "↓", "→"], "move between services on the map, or ports in the chart"],
  [["Enter"], "open the service; in a search, go to the next match"],
  [["Tab"], "move to the edges of the map, too; Enter opens their conditions"],
  [["n", "N"], "next and previous match"],
  [["Esc"], "clear the search, then go back to the map"],
  [["?"], "show this help"],
];

export function HelpDialog({ dialog }: { readonly dialog: RefObject<HTMLDialogElement | null> }) {
  return (
    <Dialog dialog={dialog} label="Keyboard shortcuts">
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
    </Dialog>
  );
}
