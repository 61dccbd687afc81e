import { chmodSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

const isWhole = (token: string | null): token is string => token !== null && token.length >= 43;

/** The token, made on first use: 256 random bits in a 0600 file. Of several that make it at once, one is everybody's. */
export function ensureToken(folder: string): string {
  const present = readToken(folder);
  if (isWhole(present)) {
    chmodSync(path(folder), 0o600);
    return present;
  }
  // Loaded here: clients only read it.
  const { randomBytes } = process.getBuiltinModule("node:crypto");
  const token = randomBytes(32).toString("base64url");
  const draft = `${path(folder)}.${process.pid}`;
  writeFileSync(draft, `${token}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  if (!isWhole(readToken(folder))) rmSync(path(folder), { force: true });
  try {
    // Whole at once, and not over one that another process has just made.
    linkSync(draft, path(folder));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readToken(folder) ?? token;
}
