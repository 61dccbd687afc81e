import { readFileSync } from "node:fs";

let known: string | undefined;

/** This package's version, from its package.json. */
export function version(): string {
  if (known === undefined) {
    // The same two steps up from src/home and from dist/home.
    const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
    known = (JSON.parse(text) as { version: string }).version;
  }
  return known;
}
