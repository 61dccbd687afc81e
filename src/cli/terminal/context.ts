import { styleText } from "node:util";
import { printable, printableJson } from "../../text/printable.ts";
import { envelope, type JsonDocument } from "./envelope.ts";
import { endProgress } from "./progress.ts";
import { isColoured, screenOf } from "./screen.ts";
import { shownSigns } from "./signs.ts";

type Style = Parameters<typeof styleText>[0];

/** What every command is given: where it stands, and how it speaks. */
export interface Context {
  /** Where the command works: `-C`, else the current folder. */
  readonly cwd: string;
  /** The command as it was called, for hints: `cove down`. */
  readonly command: string;
  readonly json: boolean;
  /** Someone watches standard output. */
  readonly live: boolean;
  /** Lines can be drawn anew in place: a terminal that knows how, and not a build server's. */
  readonly moves: boolean;
  /** Columns of the terminal; 80 where it doesn't know, 100 where there is none. */
  readonly width: number;
  /** Texts are coloured. */
  readonly coloured: boolean;
  /** Writes a line to standard output: with signs instead of controls other than colours, and as safe JSON under `--json`. */
  readonly print: (line: string) => void;
  /** Under `--json`: writes a document, or a line of a stream, in the envelope that all of them share. */
  readonly printJson: (document: JsonDocument) => void;
  /** Writes a text that is there to be copied or read by programs: as `print`, but every sign stays as it is. */
  readonly printData: (text: string) => void;
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
  const { json, color } = options;
  const screen = screenOf(process.env, stdout.isTTY === true, color);
  const coloured = screen.coloured && !json;
  const notesColoured = isColoured(process.env, stderr.isTTY === true, color) && !json;
  const safe = (line: string) => (json ? printableJson(line) : shownSigns(printable(line, coloured ? "keep" : "drop")));
  const write = (stream: NodeJS.WriteStream, line: string) => {
    endProgress();
    stream.write(`${line}\n`);
  };
  return {
    cwd: options.cwd,
    command: options.command === undefined ? "cove" : `cove ${options.command}`,
    json,
    live: screen.live && !json,
    moves: screen.moves && !json,
    // A terminal of no known width says 0.
    width: stdout.columns || (stdout.isTTY === true ? 80 : 100),
    coloured,
    print: (line) => write(stdout, safe(line)),
    printJson: (document) => write(stdout, printableJson(JSON.stringify(envelope(document)))),
    printData: (text) => write(stdout, json ? printableJson(text) : printable(text, "drop")),
    printRaw: (line) => write(stdout, line),
    note: (line) => write(stderr, shownSigns(printable(line, notesColoured ? "keep" : "drop"))),
    paint: (style, text) => (coloured || notesColoured ? styleText(style, text, { validateStream: false }) : text),
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
