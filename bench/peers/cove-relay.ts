import { fileURLToPath } from "node:url";
import { type Peer, startProgram } from "./peer.ts";

/** Cove's relay in a process of its own, as in home. */
export const coveRelay: Peer = {
  name: "cove",
  port: 29_111,
  start: (upstream) =>
    startProgram(
      process.execPath,
      () => [fileURLToPath(new URL("../relay-process.ts", import.meta.url)), String(coveRelay.port), String(upstream)],
      coveRelay.port,
    ),
};
