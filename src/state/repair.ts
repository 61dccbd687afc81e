import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import type { Fault } from "../fault/fault.ts";
import { fileFault } from "./private-folder.ts";

/** What a repair did. */
export interface Repaired {
  /** Where the damaged file is now. */
  readonly aside: string;
  /** Rows that could be read and are in the new file, by table. */
  readonly kept: Readonly<Record<string, number>>;
}

export interface RepairOptions {
  readonly folder: string;
  /** The file's name in it. */
  readonly name: string;
  /** Makes the new, empty file and closes it. */
  readonly make: () => Fault | null;
}

/**
 * Puts a damaged SQLite file aside and makes a new one with every row that can still be read. Nobody else may have it
 * open. Faults: STATE_BROKEN, and nothing is lost: what stands aside is as it was.
 */
export function repairDatabase({ folder, name, make }: RepairOptions): Repaired | Fault {
  const file = join(folder, name);
  const aside = freeName(`${file}.broken`);
  try {
    for (const end of ENDINGS) if (existsSync(file + end)) renameSync(file + end, aside + end);
  } catch (error) {
    return fileFault(error, folder);
  }
  const failed = make();
  if (failed !== null) return failed;
  return { aside, kept: takeOver(aside, file) };
}

/** SQLite's file, and what it keeps beside it. */
const ENDINGS = ["", "-wal", "-shm"];

function freeName(wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    if (!ENDINGS.some((end) => existsSync(name + end))) return name;
  }
}

/** Copies rows from a copy of the damaged file, since reading with SQLite may change it. */
function takeOver(aside: string, file: string): Record<string, number> {
  const copy = `${aside}.reading`;
  const kept: Record<string, number> = {};
  try {
    for (const end of ENDINGS) if (existsSync(aside + end) && end !== "-shm") copyFileSync(aside + end, copy + end);
    mendHeader(copy);
    const old = new DatabaseSync(copy);
    const fresh = new DatabaseSync(file);
    try {
      for (const table of tablesOf(fresh)) kept[table] = copyTable(old, fresh, table);
    } finally {
      old.close();
      fresh.close();
    }
  } catch {
    // Not a row of it can be read: the new file is empty.
  } finally {
    for (const end of ENDINGS) rmSync(copy + end, { force: true });
  }
  return kept;
}

function tablesOf(db: DatabaseSync): string[] {
  const rows = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all();
  return rows.map(({ name }) => String(name));
}

/** From both ends, since a scan ends at the first page that is damaged. A row that the new file refuses is left out. */
function copyTable(old: DatabaseSync, fresh: DatabaseSync, table: string): number {
  const columns = fresh
    .prepare(`PRAGMA table_info(${table})`)
    .all()
    .map(({ name }) => String(name));
  const places = columns.map(() => "?").join(", ");
  const insert = fresh.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${places})`);
  let count = 0;
  for (const order of ["ASC", "DESC"]) {
    try {
      for (const row of old.prepare(`SELECT ${columns.join(", ")} FROM ${table} ORDER BY rowid ${order}`).iterate()) {
        count += insertRow(
          insert,
          columns.map((column) => row[column] as SQLInputValue),
        );
      }
    } catch {
      // The rest of the table can't be read from this end.
    }
  }
  return count;
}

function insertRow(insert: ReturnType<DatabaseSync["prepare"]>, values: readonly SQLInputValue[]): number {
  try {
    return Number(insert.run(...values).changes);
  } catch {
    // Damaged within: it breaks the table's rules.
    return 0;
  }
}

const MAGIC = "SQLite format 3\0";
/** SQLite's page size by default, bytes. */
const PAGE = 4096;

/** Where a file's first bytes were overwritten, those that never differ are put back (https://sqlite.org/fileformat.html). */
function mendHeader(file: string): void {
  const fd = openSync(file, "r+");
  try {
    const header = Buffer.alloc(100);
    readSync(fd, header, 0, header.length, 0);
    if (header.toString("latin1", 0, MAGIC.length) === MAGIC) return;
    header.fill(0);
    header.write(MAGIC, "latin1");
    header.writeUInt16BE(PAGE, 16);
    // Versions 2: WAL. Fractions of a page, as the format fixes them.
    header.set([2, 2, 0, 64, 32, 32], 18);
    header.writeUInt32BE(1, 24);
    header.writeUInt32BE(Math.floor(statSync(file).size / PAGE), 28);
    // Schema format 4, UTF-8; 92: which change the page count is of.
    header.writeUInt32BE(4, 44);
    header.writeUInt32BE(1, 56);
    header.writeUInt32BE(1, 92);
    writeSync(fd, header, 0, header.length, 0);
  } finally {
    closeSync(fd);
  }
}
