import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { Snapshot, StackView } from "../../../src/home/view/view.ts";
import { EdgePanel } from "../edge/edge-panel.tsx";
import { useTitle } from "../home/use-stacks.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { SearchCount, SearchField } from "../parts/search-field.tsx";
import { Segments } from "../parts/segments.tsx";
import { useMedia } from "../parts/use-media.ts";
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

const VIEWS = [
  { value: "map", label: "Map", icon: "map" },
  { value: "list", label: "List", icon: "list" },
] as const;
const chosenView = remembered("cove.view", ["map", "list"] as const, "map");

interface MapPageProps {
  readonly snapshot: Snapshot;
  /** The edge whose panel is open. */
  readonly shown: { readonly stack: string; readonly edge: string } | null;
}

/** A map of each running stack. */
export function MapPage({ snapshot, shown }: MapPageProps) {
  const [query, setQuery] = useState("");
  const roomy = useMedia(ROOM_FOR_MAP);
  const view = useCell(chosenView);
  const main = useRef<HTMLDivElement>(null);
  const stacks = [...snapshot.stacks].sort((a, b) => (a.name < b.name ? -1 : 1));
  const services = stacks.flatMap((stack) => readingOrder(stack).map((service) => ({ stack, service })));
  const found = query === "" ? services : services.filter(({ stack, service }) => meant(query, stack, service.name));

  const focusService = (which: "first" | "last") => {
    const links = main.current?.querySelectorAll<HTMLElement>("[data-service]");
    links?.[which === "first" ? 0 : links.length - 1]?.focus();
  };
  useShortcuts({
    ArrowDown: (event) => fromNowhere(event, () => focusService("first")),
    ArrowRight: (event) => fromNowhere(event, () => focusService("first")),
    ArrowUp: (event) => fromNowhere(event, () => focusService("last")),
    Escape: () =>
      edge !== undefined ? close() : document.activeElement instanceof HTMLElement && document.activeElement.blur(),
  });

  const open = stacks.find(({ id, name }) => id === shown?.stack || name === shown?.stack);
  const edge = open?.edges.find(({ id }) => id === shown?.edge);
  useTitle(edge?.id ?? title(stacks), edge === undefined ? undefined : open?.name);
  const path = open === undefined || edge === undefined ? null : edgePath(open.id, edge);
  const close = () => {
    navigate("/", { beside: true });
    main.current?.querySelector<HTMLElement>(`[href="${path}"]`)?.focus();
  };
  useEffect(() => {
    if (path === null) return;
    main.current?.querySelector(`[href="${path}"]`)?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [path]);

  const onSearchKey = (event: KeyboardEvent) => {
    const [first] = found;
    if (event.key === "Enter" && query !== "" && first) navigate(servicePath(first.stack.id, first.service.name));
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    event.stopPropagation();
    const name = first?.service.name ?? "";
    main.current?.querySelector<HTMLElement>(`[data-service="${CSS.escape(name)}"]`)?.focus();
  };

  if (stacks.length === 0 && snapshot.aliases.length === 0) return <Empty />;
  return (
    <div ref={main} className="map-page" data-beside={edge !== undefined || undefined}>
      <div className="map-main">
        <div className="page-head">
          <h1>{headline(stacks)}</h1>
          <div className="page-tools">
            <SearchField
              label="Find a service"
              placeholder="Find a service"
              value={query}
              onValue={setQuery}
              onKeyDown={onSearchKey}
              found={<SearchCount>{found.length}</SearchCount>}
            />
            {roomy && (
              <Segments label="View" choices={VIEWS} value={view} onChange={(choice) => chosenView.set(choice)} />
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
function fromNowhere(event: globalThis.KeyboardEvent, enter: () => void): void {
  if (document.activeElement !== document.body && document.activeElement !== null) return;
  event.preventDefault();
  enter();
}

function headline(stacks: readonly StackView[]): string {
  const services = stacks.flatMap((stack) => stack.services);
  const failed = services.filter(({ state }) => state === "failed");
  const unready = services.filter(({ state }) => state === "unready");
  const moving = services.filter(({ state }) => !/^(ready|completed|stopped|failed|unready)$/.test(state));
  if (services.length === 0) return "No stack is running";
  if (failed.length > 0)
    return `${failed.map(({ name }) => name).join(", ")} ${failed.length === 1 ? "has" : "have"} failed`;
  if (unready.length > 0)
    return `${unready.map(({ name }) => name).join(", ")} ${unready.length === 1 ? "doesn't" : "don't"} answer`;
  if (moving.length > 0) return `${moving.map(({ name }) => name).join(", ")} starting`;
  return `${count(services.length, "service")} ready`;
}

function title(stacks: readonly StackView[]): string {
  const services = stacks.flatMap((stack) => stack.services);
  const ready = services.filter(({ state }) => state === "ready" || state === "completed").length;
  return services.length === 0 ? "" : `${ready}/${services.length} ready`;
}
