import { fileURLToPath } from "node:url";
import { ownPreload } from "../../own-files/own-files.ts";

/**
 * An environment in which every Node program turns its own listeners to loopback: for systems where nobody can do it for
 * them. A program that clears its environment, or a worker thread with its own, isn't covered.
 */
export function withPreload(env: Readonly<Record<string, string>>): Record<string, string> {
  const file = fileURLToPath(ownPreload("preload"));
  // NODE_OPTIONS is split at spaces, but not within quotes (node's cli docs).
  const option = `--require "${file.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return { ...env, NODE_OPTIONS: env.NODE_OPTIONS === undefined ? option : `${env.NODE_OPTIONS} ${option}` };
}
