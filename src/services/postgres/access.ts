import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placeOf } from "./owner.ts";

/** Who the data's owner is to Postgres. Kept beside the data, each in a file of mode 0600. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

export const USUAL_USER = "cove";

/** What the data was last used with; null: it's new. */
export function keptLogin(serviceDir: string): Login | null {
  const place = placeOf(serviceDir);
  const password = read(join(place, "password"));
  // Where no user is kept, an earlier version of Cove made the data.
  return password === null ? null : { user: read(join(place, "user")) ?? USUAL_USER, password };
}

/** Keeps what the data is used with from now on. */
export function keepLogin(serviceDir: string, { user, password }: Login): void {
  const place = placeOf(serviceDir);
  for (const [name, text] of Object.entries({ password, user })) {
    const path = join(place, name);
    if (read(path) === text) continue;
    const draft = `${path}.${process.pid}`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  }
}

/** The password of a service that was given none: what is kept, else 144 random bits, made at the first call. */
export function passwordOf(serviceDir: string): string {
  const path = join(placeOf(serviceDir), "password");
  const kept = read(path);
  if (kept !== null) return kept;
  const draft = `${path}.${process.pid}`;
  // Root's used to be kept in the state folder.
  const made = read(join(serviceDir, "password")) ?? randomBytes(18).toString("base64url");
  writeFileSync(draft, made, { mode: 0o600 });
  try {
    // Whole from its first moment; when two processes make one, the first counts.
    linkSync(draft, path);
  } catch {
    // There is one by now.
  }
  rmSync(draft, { force: true });
  return readFileSync(path, "utf8");
}

/** The file's text; null: there is none. */
function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
