import { useEffect, useRef, useState } from "react";
import type { Snapshot, StackView } from "../../../src/home/view/view.ts";
import { EdgePanel } from "../edge/edge-panel.tsx";
import { useShortcuts } from "../keys/shortcuts.ts";
import { Icon } from "../parts/icon.tsx";
import { navigate } from "../routing/navigate.ts";
import { edgePath, servicePath } from "../routing/route.ts";
import { useCell } from "../state/cell.ts";
import { remembered } from "../state/remembered.ts";
import { count } from "../text/size.ts";
import { Aliases } from "./aliases.tsx";
import { Empty } from "./empty.tsx";
import { readingOrder } from "./relations.ts";
import { StackSection } from "./stack-section.tsx";

/** Narrower than this a map would only be scrolled about, px. */
const ROOM_FOR_MAP = "(min-width: 860px)";

const VIEWS = ["map", "list"] as const;
const chosenView = remembered("cove.view", VIEWS, "map");

interface MapPageProps {
  readonly snapshot: Snapshot;
  /** The edge whose panel is open. */
  readonly shown: { readonly stack: string; readonly edge: string } | null;
}

/** All that is up: a map of each stack. */
export function MapPage({ snapshot, shown }: MapPageProps) {
  const [query, setQuery] = useState("");
  const roomy = useRoom();
  const view = useCell(chosenView);
  const field = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLDivElement>(null);
  const stacks = [...snapshot.stacks].sort((a, b) => (a.name < b.name ? -1 : 1));
  const services = stacks.flatMap((stack) => readingOrder(stack).map((service) => ({ stack, service })));
  const found = query === "" ? services : services.filter(({ stack, service }) => meant(query, stack, service.name));

  const focusService = (which: "first" | "last") => {
    const links = main.current?.querySelectorAll<HTMLElement>("[data-service]");
    links?.[which === "first" ? 0 : links.length - 1]?.focus();
  };
  useShortcuts({
    "/": (event) => {
      event.preventDefault();
      field.current?.focus();
    },
    ArrowDown: (event) => fromNowhere(event, () => focusService("first")),
    ArrowRight: (event) => fromNowhere(event, () => focusService("first")),
    ArrowUp: (event) => fromNowhere(event, () => focusService("last")),
    Escape: () =>
      edge !== undefined ? close() : document.activeElement instanceof HTMLElement && document.activeElement.blur(),
  });
  useEffect(() => {
    document.title = title(stacks);
  });

  const open = stacks.find(({ id, name }) => id === shown?.stack || name === shown?.stack);
  const edge = open?.edges.find(({ id }) => id === shown?.edge);
  const path = open === undefined || edge === undefined ? null : edgePath(open.id, edge);
  const close = () => {
    navigate("/", { beside: true });
    main.current?.querySelector<HTMLElement>(`[href="${path}"]`)?.focus();
  };
  useEffect(() => {
    if (path === null) return;
    main.current?.querySelector(`[href="${path}"]`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [path]);

  if (stacks.length === 0 && snapshot.aliases.length === 0) return <Empty />;
  return (
    <div ref={main} className="map-page" data-beside={edge !== undefined || undefined}>
      <div className="map-main">
        <div className="page-head">
          <h1>{headline(stacks)}</h1>
          <div className="page-tools">
            <div className="search">
              <Icon name="search" />
              <input
                ref={field}
                type="text"
                value={query}
                placeholder="Find a service"
                aria-label="Find a service"
                aria-keyshortcuts="/"
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setQuery(event.target.value)}
                onKeyDown={(event) => {
                  const [first] = found;
                  if (event.key === "Enter" && query !== "" && first)
                    navigate(servicePath(first.stack.id, first.service.name));
                  if (event.key === "ArrowDown") {
                    event.preventDefault();
                    event.stopPropagation();
                    const name = first?.service.name ?? "";
                    main.current?.querySelector<HTMLElement>(`[data-service="${CSS.escape(name)}"]`)?.focus();
                  }
                  if (event.key === "Escape") {
                    if (query === "") field.current?.blur();
                    else setQuery("");
                  }
                }}
              />
              {query === "" ? <kbd>/</kbd> : <span className="search-count">{found.length}</span>}
            </div>
            {roomy && (
              <fieldset className="segments">
                <legend className="unseen">View</legend>
                {VIEWS.map((choice) => (
                  <label key={choice} className="segment">
                    <input type="radio" name="view" checked={view === choice} onChange={() => chosenView.set(choice)} />
                    <Icon name={choice} />
                    <span>{choice === "map" ? "Map" : "List"}</span>
                  </label>
                ))}
              </fieldset>
            )}
          </div>
        </div>
        {stacks.map((stack) => (
          <StackSection
            key={stack.id}
            stack={stack}
            door={snapshot.home.door}
            view={roomy ? view : "list"}
            open={stack === open ? (edge?.id ?? null) : null}
            isAside={(service) => query !== "" && !meant(query, stack, service)}
          />
        ))}
        <Aliases aliases={snapshot.aliases} />
      </div>
      {open !== undefined && edge !== undefined && (
        <EdgePanel key={`${open.id} ${edge.id}`} stack={open} edge={edge} onClose={close} />
      )}
    </div>
  );
}

function meant(query: string, stack: StackView, service: string): boolean {
  const label = stack.services.find(({ name }) => name === service)?.label ?? "";
  const text = `${service} ${stack.name} ${label}`.toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Arrow keys enter the map only from outside of it; in it they go from service to service. */
function fromNowhere(event: KeyboardEvent, enter: () => void): void {
  if (document.activeElement !== document.body && document.activeElement !== null) return;
  event.preventDefault();
  enter();
}

function headline(stacks: readonly StackView[]): string {
  const services = stacks.flatMap((stack) => stack.services);
  const failed = services.filter(({ state }) => state === "failed");
  const moving = services.filter(
    ({ state }) => state !== "ready" && state !== "completed" && state !== "stopped" && state !== "failed",
  );
  if (services.length === 0) return "All calm in the cove";
  if (failed.length > 0)
    return `${failed.map(({ name }) => name).join(", ")} ${failed.length === 1 ? "needs" : "need"} a look`;
  if (moving.length > 0) return `${moving.map(({ name }) => name).join(", ")} on the way`;
  return `${count(services.length, "service")}, all calm`;
}

function title(stacks: readonly StackView[]): string {
  const services = stacks.flatMap((stack) => stack.services);
  const ready = services.filter(({ state }) => state === "ready" || state === "completed").length;
  return services.length === 0 ? "Cove" : `${ready}/${services.length} ready · Cove`;
}

function useRoom(): boolean {
  const [roomy, setRoomy] = useState(() => matchMedia(ROOM_FOR_MAP).matches);
  useEffect(() => {
    const media = matchMedia(ROOM_FOR_MAP);
    const onChange = () => setRoomy(media.matches);
    media.addEventListener("change", onChange);
    return () => media.removeEventListener("change", onChange);
  }, []);
  return roomy;
}
