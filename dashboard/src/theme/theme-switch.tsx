import { Segments } from "../parts/segments.tsx";
import { useCell } from "../state/cell.ts";
import { theme } from "./theme.ts";

const CHOICES = [
  { value: "auto", label: "Like the system", icon: "auto" },
  { value: "light", label: "Light", icon: "light" },
  { value: "dark", label: "Dark", icon: "dark" },
] as const;

export function ThemeSwitch() {
  const chosen = useCell(theme);
  return <Segments label="Theme" choices={CHOICES} value={chosen} onChange={(next) => theme.set(next)} iconsOnly />;
}
