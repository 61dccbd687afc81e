import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { ServiceKind } from "../kind/kind.ts";
import type { FilesOptions } from "./options.ts";

export type { FilesOptions } from "./options.ts";

/** A folder of files over HTTP, read anew for each request: index.html, listings, ranges, ETags. */
export const files: ServiceKind<FilesOptions> = {
  name: "files",
  short: "dir",
  protocol: () => "http",
  loopbackOnly: true,
  ignoresEnv: true,
  label: ({ dir }) => `files in ${dir}`,
  ready: () => ({ type: "tcp" }),
  launch: async ({ name, options, cwd, env }) => {
    const dir = resolve(cwd, options.dir);
    const found = await stat(dir).catch(() => null);
    if (!found?.isDirectory()) {
      const what = found === null ? "there is no folder" : "not a folder:";
      return fault("CONFIG_INVALID", `${name}: ${what} ${dir}`, "Make it, or name another one in the config", { dir });
    }
    const program = ownProgram("files-server");
    const flags = [...(options.spa ? ["--spa"] : []), ...(options.listing === false ? ["--no-listing"] : [])];
    const args = [dir, ...flags];
    return { command: [process.execPath, fileURLToPath(program), ...args], thread: { program, args }, cwd, env };
  },
};
