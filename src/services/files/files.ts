import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { fault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import type { ServiceKind } from "../kind/kind.ts";

export interface FilesOptions {
  /** Relative to the service's working folder. */
  readonly dir: string;
  /** Answer unknown paths with the folder's index.html, for apps that route in the browser. Default false. */
  readonly spa?: boolean | undefined;
  /** List what is in a folder without an index.html. Default true. */
  readonly listing?: boolean | undefined;
}

const schema: z.ZodType<FilesOptions> = z.strictObject({
  dir: z.string().min(1, { error: "must be a folder's path" }).describe("The folder, relative to the service's cwd"),
  spa: z
    .boolean()
    .optional()
    .describe("Answer unknown paths with index.html, for apps that route in the browser; default false"),
  listing: z.boolean().optional().describe("List what is in a folder without an index.html; default true"),
});

/** A folder of files over HTTP, read anew for each request: index.html, listings, ranges, ETags. */
export const files: ServiceKind<FilesOptions> = {
  name: "files",
  schema,
  short: "dir",
  protocol: () => "http",
  loopbackOnly: true,
  label: ({ dir }) => `files in ${dir}`,
  ready: () => ({ type: "tcp" }),
  edgeEnv: async () => ({}),
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
