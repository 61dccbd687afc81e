import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import { stateFolder } from "../../state/folder.ts";
import type { ServiceKind } from "../kind/kind.ts";
import type { MockOptions } from "./options.ts";

export type { MockOptions } from "./options.ts";

/** Answers as a service did while it was recorded. */
export const mock: ServiceKind<MockOptions> = {
  name: "mock",
  protocol: () => "http",
  loopbackOnly: true,
  ignoresEnv: true,
  startFiles: ({ from }, cwd) => (isArchive(from) ? [{ path: resolve(cwd, from) }] : []),
  label: ({ from }) => (isArchive(from) ? basename(from) : `recording ${from}`),
  ready: () => ({ type: "tcp" }),
  launch: async ({ options, cwd, env }) => {
    const { service, timing, anyBody } = options;
    const from = isArchive(options.from) ? resolve(cwd, options.from) : options.from;
    const folder = stateFolder();
    // Read when one is started: no other command waits for it.
    const { mockSource } = await import("./mock-source.ts");
    const source = mockSource({ folder, from, service });
    if (isFault(source)) return source;
    const flags = [...(timing ? ["--timing"] : []), ...(anyBody ? ["--any-body"] : [])];
    const command = [
      process.execPath,
      fileURLToPath(ownProgram("mock-server")),
      folder,
      from,
      "--service",
      source.service,
      ...flags,
    ];
    return { command, cwd, env };
  },
};

function isArchive(from: string): boolean {
  return from.toLowerCase().endsWith(".har");
}
