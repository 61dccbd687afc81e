import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placeOf } from "./owner.ts";

/** The service's password: 144 random bits, made at the first call, in a file of mode 0600 beside its data. */
export function passwordOf(serviceDir: string): string {
  const path = join(placeOf(serviceDir), "password");
  try {
    return readFileSync(path, "utf8");
  } catch {
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, formerPassword(serviceDir) ?? randomBytes(18).toString("base64url"), { mode: 0o600 });
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

/** Root's passwords used to be kept in the state folder. */
function formerPassword(serviceDir: string): string | null {
  try {
    return readFileSync(join(serviceDir, "password"), "utf8");
  } catch {
    return null;
  }
}
