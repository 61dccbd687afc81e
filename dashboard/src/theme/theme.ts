import { remembered } from "../state/remembered.ts";

const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** The person's choice; `auto` follows the system. public/theme.js applies it before the first paint. */
export const theme = remembered<Theme>("cove.theme", THEMES, "auto");

theme.listen(apply);
apply();

function apply(): void {
  const chosen = theme.get();
  if (chosen === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}
