import type { IconName } from "./parts/icon.tsx";

/** The pages that the header leads to, in its order: a new one is a line here, one in routing/route.ts and one in app.tsx. */
export const PAGES = [
  { page: "map", href: "/", label: "Map", icon: "map", keys: "g m" },
  { page: "traffic", href: "/traffic", label: "Traffic", icon: "traffic", keys: "g t" },
  { page: "ports", href: "/ports", label: "Ports", icon: "ports", keys: "g p" },
  { page: "guard", href: "/guard", label: "Guard", icon: "guard", keys: "g u" },
] as const satisfies readonly {
  readonly page: string;
  readonly href: string;
  readonly label: string;
  readonly icon: IconName;
  /** One key after the other. */
  readonly keys: string;
}[];
