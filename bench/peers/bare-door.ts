import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.ts";
import { startProgram } from "./peer.ts";

const program = fileURLToPath(new URL("../door-process.ts", import.meta.url));

/** Cove's door in a process of its own, as in home. */
export const cove: Peer = {
  name: "cove",
  port: 29_101,
  start: (upstream) => startProgram(process.execPath, () => [program, String(cove.port), String(upstream)], cove.port),
};

/** The same with everything written down, as it is by default: heads, and bodies up to 1 MiB. */
export const coveCapturing: Peer = {
  name: "cove, capture on",
  port: 29_108,
  start: (upstream) =>
    startProgram(
      process.execPath,
      () => [program, String(coveCapturing.port), String(upstream), "capture"],
      coveCapturing.port,
    ),
};
