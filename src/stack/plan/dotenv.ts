import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

/** Read without being asked for, in each folder; later ones win. */
const DEFAULT_FILES = [".env", ".env.local"];

/** The default env files of some folders, the nearest last. */
export function defaultEnvFiles(folders: readonly string[]): string[] {
  return [...new Set(folders)].flatMap((folder) => DEFAULT_FILES.map((name) => join(folder, name)));
}

/** Variables of env files (the format of Node's --env-file); later files win. Those that can't be read are named. */
export function readEnvFiles(files: readonly string[]): { env: Record<string, string>; unread: string[] } {
  const env: Record<string, string> = {};
  const unread: string[] = [];
  for (const file of files) {
    try {
      Object.assign(env, parseEnv(readFileSync(file, "utf8")));
    } catch {
      unread.push(file);
    }
  }
  return { env, unread };
}
