import { fileURLToPath } from "node:url";
import type { Peer } from "./peer.ts";
import { startProgram } from "./peer.ts";

/** Cove's door in a process of its own, as in home. */
export const cove: Peer = {
  name: "cove",
  port: 29_101,
  start: (upstream) =>
    startProgram(
      process.execPath,
      () => [fileURLToPath(new URL("../door-process.ts", import.meta.url)), String(cove.port), String(upstream)],
      cove.port,
    ),
};
