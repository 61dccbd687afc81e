import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Tests of the CLI and home run the built program, as users do. */
export default function build(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url))], {
    stdio: "inherit",
  });
}
