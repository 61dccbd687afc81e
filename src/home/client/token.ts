import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const path = (folder: string) => join(folder, "token");

/** The token that opens home's API, or null before the first home wrote one. */
export function readToken(folder: string): string | null {
  try {
    return readFileSync(path(folder), "utf8").trim() || null;
  } catch {
    return null;
  }
}

/** The token, made on first use: 256 random bits in a 0600 file. Only home calls this, under its lock. */
export function ensureToken(folder: string): string {
  const present = readToken(folder);
  if (present !== null && present.length >= 43) {
    chmodSync(path(folder), 0o600);
    return present;
  }
  // Loaded here: clients only read it.
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  const token = randomBytes(32).toString("base64url");
  writeFileSync(path(folder), `${token}\n`, { mode: 0o600 });
  chmodSync(path(folder), 0o600);
  return token;
}
