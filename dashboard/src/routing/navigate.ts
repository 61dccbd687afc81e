import { createCell, useCell } from "../state/cell.ts";
import { type Route, toRoute } from "./route.ts";

const path = createCell(location.pathname);
addEventListener("popstate", () => path.set(location.pathname));

/** Goes to a page of the dashboard. */
export function navigate(to: string): void {
  if (to === path.get()) return;
  const go = () => {
    history.pushState(null, "", to);
    path.set(to);
    scrollTo(0, 0);
  };
  go();
}

export function useRoute(): Route {
  return toRoute(useCell(path));
}
