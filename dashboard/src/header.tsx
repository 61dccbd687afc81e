import { useRef } from "react";
import type { Snapshot } from "../../src/home/view.ts";
import { HelpDialog } from "./keys/help-dialog.tsx";
import { useShortcuts } from "./keys/shortcuts.ts";
import { CopyButton } from "./parts/copy-button.tsx";
import { Icon } from "./parts/icon.tsx";
import { Mark } from "./parts/mark.tsx";
import { Link } from "./routing/link.tsx";
import { navigate } from "./routing/navigate.ts";
import { place } from "./text/place.ts";
import { ThemeSwitch } from "./theme/theme-switch.tsx";

export function Header({ snapshot }: { readonly snapshot: Snapshot | null }) {
  const help = useRef<HTMLDialogElement>(null);
  useShortcuts({
    "g m": () => navigate("/"),
    "g t": () => navigate("/traffic"),
    "?": () => help.current?.showModal(),
  });
  return (
    <header className="top">
      <Link className="brand" href="/" aria-label="Cove, to the map">
        <Mark />
        <span>Cove</span>
      </Link>
      {snapshot !== null && (
        <div className="door">
          <span className="door-word">door</span>
          <code>{place(snapshot.home.door)}</code>
          <CopyButton text={place(snapshot.home.door)} label="Copy the door's address" />
        </div>
      )}
      <Link className="button bare top-link" href="/traffic">
        <Icon name="traffic" /> Traffic
      </Link>
      <div className="top-end">
        {snapshot !== null && <span className="version">v{snapshot.home.version}</span>}
        <button
          type="button"
          className="button bare keys-button"
          aria-label="Keyboard shortcuts"
          title="Keyboard shortcuts (?)"
          onClick={() => help.current?.showModal()}
        >
          <Icon name="keys" />
        </button>
        <ThemeSwitch />
      </div>
      <HelpDialog dialog={help} />
    </header>
  );
}
