import { readFileSync } from "node:fs";

/** A user of this machine by number or by name (passwd(5)); null when there is none of that name. */
export function uidOf(user: string | number): number | null {
  if (typeof user === "number") return user;
  if (/^[0-9]+$/.test(user)) return Number(user);
  try {
    const lines = readFileSync("/etc/passwd", "utf8").split("\n");
    const uid = lines.find((line) => line.startsWith(`${user}:`))?.split(":")[2];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}
