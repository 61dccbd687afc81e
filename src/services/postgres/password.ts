import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The service's password: 144 random bits, made at the first call, in a file of mode 0600. */
export function passwordOf(serviceDir: string): string {
  const path = join(serviceDir, "password");
  try {
    return readFileSync(path, "utf8");
  } catch {
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, randomBytes(18).toString("base64url"), { mode: 0o600 });
    try {
      // Whole from its first moment; when two processes make one, the first counts.
      linkSync(draft, path);
    } catch {
      // There is one by now.
    }
    rmSync(draft, { force: true });
    return readFileSync(path, "utf8");
  }
}
