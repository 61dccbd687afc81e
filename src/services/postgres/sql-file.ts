import { relative, resolve } from "node:path";
import pg from "pg";
import { type Fault, fault } from "../../fault/fault.ts";
import { isUnreadable, readUserText } from "../../text/user-text.ts";
import { copyIn } from "./copy-in.ts";
import { type Statement, splitStatements } from "./sql-statements.ts";

/** The largest file, bytes: what a string can hold. */
const MOST = 511 * 1024 * 1024;
const HINT = "fix it, then: cove restart; nothing of it was kept";

/** Runs an SQL file's statements one by one, with data of `COPY … FROM stdin`. Fault: DATABASE_FAILED, with file and line. */
export async function runSqlFile(client: pg.Client, file: string, cwd: string): Promise<Fault | undefined> {
  const path = resolve(cwd, file);
  const shown = relative(cwd, path);
  const sql = readUserText(path, MOST);
  if (isUnreadable(sql)) {
    const message = sql.isMissing ? `there is no file ${path}` : `${path} ${sql.unreadable}`;
    return fault("DATABASE_FAILED", message, "check init in the config", { file: path });
  }
  for (const statement of splitStatements(sql)) {
    if (statement.meta) {
      // pg_dump's own brackets around a dump (CVE-2025-8714): they are for psql alone.
      if (/^\\(un)?restrict\b/.test(statement.text)) continue;
      const message = `${shown}:${statement.line}: ${statement.text} is a command of psql's, not SQL`;
      return fault("DATABASE_FAILED", message, "take it out, or run the file with psql", { file: path, ...statement });
    }
    try {
      if (statement.data === undefined) await client.query(statement.text);
      else await copyIn(client, statement.text, statement.data);
    } catch (error) {
      return sqlFault(error, statement, shown, path);
    }
  }
  return undefined;
}

function sqlFault(error: unknown, statement: Statement, shown: string, file: string): Fault {
  const line = lineOf(error, statement);
  const said = error instanceof Error ? error.message : String(error);
  const more = error instanceof pg.DatabaseError && error.detail !== undefined ? ` (${error.detail})` : "";
  return fault("DATABASE_FAILED", `${shown}:${line}: ${said}${more}`, HINT, { file, line });
}

/** The file's line that an error is about, from 1. */
function lineOf(error: unknown, { text, line }: Statement): number {
  if (!(error instanceof pg.DatabaseError)) return line;
  const newlines = (part: string) => part.split("\n").length - 1;
  const row = /^COPY .*?, line (\d+)/.exec(error.where ?? "")?.[1];
  if (row !== undefined) return line + newlines(text) + Number(row);
  // Counted in characters, from 1.
  const position = Number(error.position ?? Number.NaN);
  return Number.isNaN(position) ? line : line + newlines([...text].slice(0, position - 1).join(""));
}
