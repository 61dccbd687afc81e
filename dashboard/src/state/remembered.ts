import { type Cell, createCell } from "./cell.ts";

/** A choice of the person's that outlives the page, where the browser allows it. */
export function remembered<T extends string>(key: string, choices: readonly T[], initial: T): Cell<T> {
  const cell = createCell(choices.find((choice) => choice === stored(key)) ?? initial);
  cell.listen(() => {
    try {
      localStorage.setItem(key, cell.get());
    } catch {
      // then it holds until the page is left
    }
  });
  return cell;
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
