import type { DatabaseSync } from "node:sqlite";

/** How many exchanges go at once at the most. */
const AT_ONCE = 500;
/** Rounds at the most: each frees something, or is the last. */
const ROUNDS = 10_000;

/**
 * Makes room until the file's pages in use are within the budget: the oldest exchanges of the recording that was started
 * first go first. Of `running`, which is being written, the newest stays whatever happens.
 */
export function evict(db: DatabaseSync, budget: number, running: number): void {
  for (let round = 0; round < ROUNDS; round++) {
    const excess = used(db) - budget;
    if (excess <= 0) return;
    const oldest = db
      .prepare("SELECT id FROM recordings WHERE exchanges > 0 AND id <> ? ORDER BY started_at, id LIMIT 1")
      .get(running);
    if (!dropOldest(db, oldest === undefined ? running : Number(oldest.id), excess, oldest === undefined ? 1 : 0))
      return;
  }
}

/** False: nothing could go. */
function dropOldest(db: DatabaseSync, recording: number, excess: number, spared: number): boolean {
  const rows = db
    .prepare("SELECT id, size FROM exchanges WHERE recording = ? ORDER BY id LIMIT ?")
    .all(recording, AT_ONCE + spared);
  let [count, bytes, last] = [0, 0, 0];
  for (const { id, size } of rows.slice(0, rows.length - spared)) {
    count++;
    bytes += Number(size);
    last = Number(id);
    if (bytes >= excess) break;
  }
  if (count === 0) return false;
  db.prepare("DELETE FROM exchanges WHERE recording = ? AND id <= ?").run(recording, last);
  db.prepare(
    "UPDATE recordings SET exchanges = exchanges - ?, bytes = bytes - ?, evicted = evicted + ? WHERE id = ?",
  ).run(count, bytes, count, recording);
  return true;
}

/** Bytes of the pages that hold something. */
function used(db: DatabaseSync): number {
  const pragma = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  return (pragma("page_count") - pragma("freelist_count")) * pragma("page_size");
}
