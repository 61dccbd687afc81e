import { spawnSync } from "node:child_process";

/**
 * The output of one of the system's own programs; empty when it is missing or fails, which these tools also do when
 * there is nothing to list. English and UTC, so that it can be read anywhere. At most 10 s.
 */
export function runTool(program: string, args: readonly string[]): string {
  const result = spawnSync(program, args, {
    encoding: "utf8",
    timeout: 10_000,
    maxBuffer: 64 * 1024 * 1024,
    windowsHide: true,
    env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
  });
  return result.stdout ?? "";
}
