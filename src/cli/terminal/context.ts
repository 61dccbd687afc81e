import { styleText } from "node:util";
import { printable, printableJson } from "../../text/printable.ts";
import { envelope, type JsonDocument } from "./envelope.ts";

type Style = Parameters<typeof styleText>[0];

/** What every command is given: where it stands, and how it speaks. */
export interface Context {
  /** Where the command works: `-C`, else the current folder. */
  readonly cwd: string;
  /** The command as it was called, for hints: `cove down`. */
  readonly command: string;
  readonly json: boolean;
  /** Someone watches standard output: progress and colours make sense. */
  readonly live: boolean;
  /** Columns of the terminal; 100 where there is none. */
  readonly width: number;
  /** Texts are coloured. */
  readonly coloured: boolean;
  /** Writes a line to standard output: with signs instead of controls other than colours, and as safe JSON under `--json`. */
  readonly print: (line: string) => void;
  /** Under `--json`: writes a document, or a line of a stream, in the envelope that all of them share. */
  readonly printJson: (document: JsonDocument) => void;
  /** Writes a line to standard output as it is: for `--raw`. */
  readonly printRaw: (line: string) => void;
  /** The same to standard error: notes that aren't the answer. */
  readonly note: (line: string) => void;
  /** Colours a text where colours are wanted. */
  readonly paint: (style: Style, text: string) => string;
}

interface ContextOptions {
  readonly cwd: string;
  readonly json: boolean;
  readonly color: boolean | undefined;
  /** The command's name; default: none. */
  readonly command?: string;
}

export function createContext(options: ContextOptions): Context {
  const { stdout, stderr } = process;
  const live = stdout.isTTY === true && !options.json;
  const wanted =
    options.color ?? (process.env.FORCE_COLOR !== undefined || (live && process.env.NO_COLOR === undefined));
  const coloured = wanted && !options.json;
  const safe = (line: string) => (options.json ? printableJson(line) : printable(line, coloured ? "keep" : "drop"));
  return {
    cwd: options.cwd,
    command: options.command === undefined ? "cove" : `cove ${options.command}`,
    json: options.json,
    live,
    width: stdout.columns ?? 100,
    coloured,
    print: (line) => void stdout.write(`${safe(line)}\n`),
    printJson: (document) => void stdout.write(`${printableJson(JSON.stringify(envelope(document)))}\n`),
    printRaw: (line) => void stdout.write(`${line}\n`),
    note: (line) => void stderr.write(`${printable(line, coloured ? "keep" : "drop")}\n`),
    paint: (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** The current folder, as the shell names it where it's gone from the disk: Node throws then. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return process.env.PWD ?? "/";
  }
}
