import { access, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { CONFIG_FILES } from "../../lease/config-files.ts";
import { findCheckout } from "../../lease/git.ts";
import type { CheckedStack } from "./check.ts";
import type { ConfigVariables } from "./config-variables.ts";
import type { ReadConfig } from "./import-apart.ts";
import { type ConfigSource, configFault, shownPath } from "./source.ts";

/** A config that was read and checked. */
export interface LoadedConfig extends CheckedStack {
  /** Absolute. */
  readonly file: string;
  /** The config's folder, absolute: what paths in it are relative to. */
  readonly dir: string;
  /** Where each key stands, for problems that show up later. */
  readonly source: ConfigSource;
  /** What `${NAME}` in it means. */
  readonly variables: ConfigVariables;
}

const STARTER = `Start one command without a config: cove run -- <command>
Or describe the stack in cove.config.ts:

  import { command, defineStack, postgres } from "cove";
  export default defineStack({
    services: { db: postgres(), api: command("node server.ts", { needs: ["db"] }) },
  });`;

/**
 * Finds and reads the config of a folder, looking upward to the git checkout's root (outside git: to the home folder).
 * Reads it again at each call. Faults: CONFIG_MISSING, CONFIG_INVALID (with file, line and key of every problem).
 */
export async function loadConfig(dir: string): Promise<LoadedConfig | Fault> {
  const file = await findConfig(dir);
  if (file === null) {
    const where = shownPath(resolve(dir)) === "" ? "." : resolve(dir);
    return fault("CONFIG_MISSING", `no cove.config.ts, cove.yaml or cove.json in ${where} or above`, STARTER, { dir });
  }
  const read = await readConfig(file);
  if (isFault(read)) return read;
  const { stack, ...rest } = read;
  return { ...stack, ...rest, file, dir: dirname(file) };
}

/** The config file that a folder belongs to, absolute; null when there is none. */
export async function findConfig(dir: string): Promise<string | null> {
  const start = await realpath(dir).catch(() => resolve(dir));
  const checkout = await findCheckout(start);
  const home = await realpath(homedir()).catch(() => homedir());
  for (let folder = start; ; folder = dirname(folder)) {
    for (const name of CONFIG_FILES) {
      const file = join(folder, name);
      if (await exists(file)) return file;
    }
    if (folder === checkout?.root || folder === home || folder === dirname(folder)) return null;
  }
}

/** What reads it is loaded only now: a folder without a config shouldn't wait for it. */
async function readConfig(file: string): Promise<ReadConfig | Fault> {
  try {
    if (/\.(ts|js|mjs)$/.test(file)) return await (await import("./import-apart.ts")).importApart(file);
    const read = (await import("./text.ts")).readTextConfig(file);
    if (isFault(read)) return read;
    const { checkFilled } = await import("./fill-config.ts");
    const { readConfigVariables } = await import("./config-variables.ts");
    const variables = readConfigVariables(dirname(file));
    const stack = checkFilled(read.value, variables);
    return "services" in stack ? { stack, source: read.source, variables } : configFault(read.source, stack);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fault("CONFIG_INVALID", `${shownPath(file)} can't be read: ${why}`, "Check its permissions", { file });
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
