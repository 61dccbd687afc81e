import { createCell, useCell } from "../state/cell.ts";
import { type Route, toRoute } from "./route.ts";

const here = () => location.pathname + location.search;
const path = createCell(here());
addEventListener("popstate", () => path.set(here()));

/** Goes to a page of the dashboard; what opens beside the page leaves it where it is scrolled to. */
export function navigate(to: string, { beside = false }: { beside?: boolean } = {}): void {
  if (to === path.get()) return;
  const go = () => {
    history.pushState(null, "", to);
    path.set(to);
    if (!beside) scrollTo(0, 0);
  };
  go();
}

/** Changes the address of the page that is shown, without a step to go back to. */
export function replaceAddress(to: string): void {
  if (to === path.get()) return;
  history.replaceState(null, "", to);
  path.set(to);
}

export function useRoute(): Route {
  return toRoute(useCell(path));
}
