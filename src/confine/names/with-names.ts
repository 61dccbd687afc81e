import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ownCopy, ownPreload } from "../../own-files/own-files.ts";
import type { HostLine } from "./hosts-text.ts";

/**
 * An environment in which Node and Python programs know these names, for systems where no program gets a file of hosts of its
 * own. What clears its environment, or looks names up in C (psycopg, libpq), isn't covered.
 */
export function withNames(env: Readonly<Record<string, string>>, lines: readonly HostLine[]): Record<string, string> {
  const file = fileURLToPath(ownPreload("names-preload")).replaceAll("\\", "\\\\").replaceAll('"', '\\"');
  // NODE_OPTIONS is split at spaces, but not within quotes (node's cli docs).
  const option = `--require "${file}"`;
  const folder = dirname(fileURLToPath(ownCopy("names-preload/sitecustomize.py")));
  return {
    ...env,
    COVE_NAMES: lines.flatMap(({ address, names }) => names.map((name) => `${name}=${address}`)).join(","),
    NODE_OPTIONS: env.NODE_OPTIONS ? `${env.NODE_OPTIONS} ${option}` : option,
    PYTHONPATH: env.PYTHONPATH ? `${folder}${delimiter}${env.PYTHONPATH}` : folder,
  };
}
