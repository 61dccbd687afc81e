import { join } from "node:path";
import type { Tree } from "../trees.ts";
import { type Peer, startProgram } from "./peer.ts";

/** Cove's relay in a process of its own, as in home. */
export function coveRelay(tree: Tree, port = 29_111): Peer {
  const program = join(tree.path, "bench/relay-process.ts");
  return {
    name: tree.name,
    port,
    start: (upstream) => startProgram(process.execPath, () => [program, String(port), String(upstream)], port),
  };
}
