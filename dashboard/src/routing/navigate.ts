import { createCell, useCell } from "../state/cell.ts";
import { type Route, toRoute } from "./route.ts";

const path = createCell(location.pathname);
addEventListener("popstate", () => path.set(location.pathname));

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

export function useRoute(): Route {
  return toRoute(useCell(path));
}
