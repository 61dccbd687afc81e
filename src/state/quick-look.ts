import { closeSync, openSync, readSync, statSync } from "node:fs";

/** What a SQLite file begins with (https://sqlite.org/fileformat.html). */
const MAGIC = "SQLite format 3\0";
const HEADER = 100;
/** A page's first byte: the kinds of b-tree pages, and 0 for free ones and overflow. */
const PAGE_KINDS = new Set([0, 2, 5, 10, 13]);
/** Pages looked at, the first ones: a state has some twenty. */
const MOST = 1_000;

/**
 * Whether a file that should be SQLite's looks damaged: garbage, cut off, or with a page overwritten. Without loading
 * SQLite, so that a command that needs no state stays quick; it can miss damage within a page, and what it finds is for
 * SQLite itself to confirm. False where there is no file.
 */
export function looksDamaged(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return false;
  const fd = openSync(file, "r");
  try {
    const header = Buffer.alloc(HEADER);
    if (readSync(fd, header, 0, HEADER, 0) < HEADER) return true;
    if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) return true;
    const page = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    if (page < 512 || size < header.readUInt32BE(28) * page) return true;
    const first = Buffer.alloc(1);
    for (let at = page; at < Math.min(size, MOST * page); at += page) {
      readSync(fd, first, 0, 1, at);
      if (!PAGE_KINDS.has(first[0] ?? 0)) return true;
    }
    return false;
  } finally {
    closeSync(fd);
  }
}
