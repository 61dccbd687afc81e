import { useRef } from "react";
import type { Snapshot } from "../../src/home/view/view.ts";
import { useHome } from "./home/home.ts";
import { stacksText } from "./home/use-stacks.ts";
import { HelpDialog } from "./keys/help-dialog.tsx";
import { useShortcuts } from "./keys/shortcuts.ts";
import { PAGES } from "./pages.ts";
import { CopyButton } from "./parts/copy-button.tsx";
import { Icon } from "./parts/icon.tsx";
import { Mark } from "./parts/mark.tsx";
import { Link } from "./routing/link.tsx";
import { navigate, useRoute } from "./routing/navigate.ts";
import type { Route } from "./routing/route.ts";
import { place } from "./text/place.ts";
import { ThemeSwitch } from "./theme/theme-switch.tsx";
import "./header.css";

export function Header({ snapshot }: { readonly snapshot: Snapshot | null }) {
  const help = useRef<HTMLDialogElement>(null);
  const route = useRoute();
  const here = route.page;
  // An edge and a service are parts of the map.
  const isHere = (page: string) => page === here || (page === "map" && (here === "edge" || here === "service"));
  useShortcuts({
    ...Object.fromEntries(PAGES.map(({ keys, href }) => [keys, () => navigate(href)])),
    "?": () => help.current?.showModal(),
  });
  return (
    <header className="top">
      <Link className="brand" href="/" aria-label="Cove, go to the map">
        <Mark />
        <span>Cove</span>
      </Link>
      {snapshot !== null && <StackName route={route} snapshot={snapshot} />}
      {snapshot !== null && (
        <nav className="pages" aria-label="Pages">
          {PAGES.map(({ page, href, label, icon, keys }) => (
            <Link key={page} href={href} aria-current={isHere(page) ? "page" : undefined} aria-keyshortcuts={keys}>
              <Icon name={icon} />
              {label}
            </Link>
          ))}
        </nav>
      )}
      {snapshot !== null && (
        <div className="door">
          <span className="door-word">door</span>
          <code>{place(snapshot.home.door)}</code>
          <CopyButton text={place(snapshot.home.door)} label="Copy the door's address" />
        </div>
      )}
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

/** The stack that the page is about; else all that run. */
function StackName({ route, snapshot }: { readonly route: Route; readonly snapshot: Snapshot }) {
  const home = useHome();
  const wanted = route.page === "service" || route.page === "edge" ? route.stack : null;
  const own = wanted === null ? undefined : snapshot.stacks.find(({ id, name }) => id === wanted || name === wanted);
  const name = own?.name ?? (wanted === null ? null : home.lastSeen(wanted)?.name) ?? stacksText(snapshot.stacks);
  const folders = (own === undefined ? snapshot.stacks : [own]).map(({ name, root }) => `${name} in ${root}`);
  if (name === "") return null;
  return (
    <p className="stack-name" title={folders.join("\n")}>
      <span className="unseen">Stack: </span>
      {name}
    </p>
  );
}
