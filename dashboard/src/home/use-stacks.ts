import { useEffect, useSyncExternalStore } from "react";
import type { Snapshot, StackView } from "../../../src/home/view/view.ts";
import { useHome } from "./home.ts";

/** Stacks that are named one by one; more are counted. */
const NAMED = 3;

/** `shop`, `blog, shop`, `7 stacks`; empty where none runs. */
export function stacksText(stacks: readonly Pick<StackView, "name">[]): string {
  return stacks.length > NAMED
    ? `${stacks.length} stacks`
    : stacks
        .map(({ name }) => name)
        .sort()
        .join(", ");
}

/** Re-renders only where the text changes, not with every snapshot. */
function useOfSnapshot(of: (snapshot: Snapshot | null) => string): string {
  const { snapshot } = useHome();
  return useSyncExternalStore(snapshot.listen, () => of(snapshot.get()));
}

const named = (snapshot: Snapshot | null) => stacksText(snapshot?.stacks ?? []);
const only = (snapshot: Snapshot | null) => (snapshot?.stacks.length === 1 ? (snapshot.stacks[0]?.name ?? "") : "");

/** What runs, in words. */
function useStacksText(): string {
  return useOfSnapshot(named);
}

/** The name of the only stack that runs; empty where there are none, or several. */
export function useOnlyStack(): string {
  return useOfSnapshot(only);
}

/** The tab's title: what the page is about, the stack (default: all that run), Cove. Null: another part of the page sets it. */
export function useTitle(about: string | null, stack?: string | undefined): void {
  const all = useStacksText();
  const title = [about, stack ?? all, "Cove"].filter(Boolean).join(" · ");
  useEffect(() => {
    if (about !== null) document.title = title;
  }, [about, title]);
}
