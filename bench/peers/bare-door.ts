import { join } from "node:path";
import type { Tree } from "../trees.ts";
import { type Peer, startProgram } from "./peer.ts";

/** Cove's door alone with one route, in a process of its own: no guard, no capture. */
export function bareDoor(tree: Tree, port = 29_101): Peer {
  const program = join(tree.path, "bench/door-process.ts");
  return {
    name: `${tree.name}, bare door`,
    port,
    start: (upstream) => startProgram(process.execPath, () => [program, String(port), String(upstream)], port),
  };
}
