import { readFileSync } from "node:fs";
import { ownFile } from "../../own-files/own-files.ts";

let known: string | undefined;

/** This package's version, from its package.json. */
export function version(): string {
  if (known === undefined) {
    const text = readFileSync(ownFile("package.json"), "utf8");
    known = (JSON.parse(text) as { version: string }).version;
  }
  return known;
}
