import { type Fault, fault } from "../../fault/fault.ts";
import { exchangeOf, type ImportedExchange } from "./entry.ts";
import { harEntry } from "./shape.ts";

/** What came of an archive's entries. */
export interface HarImport {
  /** Entries that are there now. */
  readonly imported: number;
  /** Entries that were left out. */
  readonly skipped: number;
  /** Why, of the first ones: `log.entries[3].request.url: must be a whole URL such as http://host/path`. */
  readonly reasons: readonly string[];
}

/** Entries that are taken by default: as many as home keeps. */
const ENTRIES_MOST = 100_000;
const REASONS_MOST = 5;
const NO_HAR = "give it a file that a browser's network panel, mitmproxy or cove har wrote";

/** Reads an archive entry by entry; what can't be taken is left out and counted. */
export interface HarReader {
  /** The next exchanges, until they have some `bytes`; none where all entries on the way were left out. */
  readonly next: (bytes: number) => ImportedExchange[];
  /** All was read. */
  readonly isDone: () => boolean;
  /** What came of it, once all was read: HAR_INVALID where it has entries and none could be taken. */
  readonly result: () => HarImport | Fault;
}

/** `most`: entries that are taken. HAR_INVALID: it isn't JSON, or has no `log.entries`. */
export function readHar(text: string, file: string, most = ENTRIES_MOST): HarReader | Fault {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    return fault("HAR_INVALID", `${file} is not JSON: ${(error as Error).message}`, NO_HAR, { file });
  }
  const entries = entriesIn(value);
  if (typeof entries === "string") return invalid(file, entries);
  return readerOf(entries, file, most);
}

function readerOf(entries: unknown[], file: string, most: number): HarReader {
  const reasons: string[] = [];
  let at = 0;
  let imported = 0;
  const skip = (why: string) => {
    if (reasons.length < REASONS_MOST) reasons.push(why);
  };

  function one(): ImportedExchange | null {
    const place = `log.entries[${at}]`;
    const read = harEntry.safeParse(entries[at]);
    // It isn't needed any more.
    entries[at] = null;
    if (!read.success) {
      const [issue] = read.error.issues;
      skip(`${place}${pathText(issue?.path ?? [])}: ${issue?.message}`);
      return null;
    }
    try {
      return exchangeOf(read.data);
    } catch (error) {
      skip(`${place}: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  return {
    next: (bytes) => {
      const found: ImportedExchange[] = [];
      for (let left = bytes; left > 0 && at < entries.length && imported < most; at++) {
        const exchange = one();
        // Those that are left out take time, too.
        left -= 512;
        if (exchange === null) continue;
        imported++;
        left -= sizeOf(exchange);
        found.push(exchange);
      }
      if (imported >= most && at < entries.length) {
        skip(`log.entries[${at}]: only ${most.toLocaleString("en")} entries are taken`);
        at = entries.length;
      }
      return found;
    },
    isDone: () => at >= entries.length,
    result: () => {
      const [first] = reasons;
      if (imported === 0 && first !== undefined) return invalid(file, first);
      return { imported, skipped: entries.length - imported, reasons };
    },
  };
}

/** An archive's entries, or what is wrong with its outside. */
function entriesIn(value: unknown): unknown[] | string {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "the whole: must be an object with log";
  const { log } = value as { log?: unknown };
  if (typeof log !== "object" || log === null) return "log: must be an object with entries";
  const { entries } = log as { entries?: unknown };
  return Array.isArray(entries) ? entries : "log.entries: must be a list";
}

function invalid(file: string, why: string): Fault {
  const at = why.slice(0, why.indexOf(": "));
  return fault("HAR_INVALID", `${file} is no HTTP archive: ${why}`, NO_HAR, { file, at });
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
}

/** Bytes that it keeps. */
export function sizeOf({
  requestHead,
  responseHead,
  refusedHead,
  requestBody,
  responseBody,
  messages,
}: ImportedExchange) {
  const heads = requestHead.length + (responseHead?.length ?? 0) + (refusedHead?.text.length ?? 0);
  const said = messages?.kept.reduce((sum, { data }) => sum + data.length, 0) ?? 0;
  return heads + (requestBody?.keptSize ?? 0) + (responseBody?.keptSize ?? 0) + said;
}
