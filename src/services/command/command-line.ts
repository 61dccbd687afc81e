import { isAbsolute, join } from "node:path";

/** One word of a command line. */
export interface Word {
  /** Its text after the shell took the quotes off. */
  readonly text: string;
  /** Where it stands in the line as written. */
  readonly start: number;
  readonly end: number;
  /** True when the shell expands it (`$PORT`). */
  readonly expands: boolean;
}

/** One simple command of a line. */
export interface SimpleCommand {
  readonly words: readonly Word[];
  /** Where it runs, from where the line does: `web` after `cd web &&`. */
  readonly folder: string;
}

/**
 * The last simple command of a shell line (POSIX XCU §2.9): of `tsc && vite web` it is `vite web`.
 * Null where that can't be determined: substitutions, redirections, groups, comments, open quotes.
 */
export function lastCommand(line: string): SimpleCommand | null {
  let words: Word[] = [];
  let folder: string | null = ".";
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (/\s/.test(char) && char !== "\n") {
      at++;
    } else if ("&|;\n".includes(char)) {
      const separator = /^(&&|\|\||[&|;\n])/.exec(line.slice(at))?.[0] ?? char;
      folder = folderAfter(folder, words, separator);
      if (folder === null) return null;
      words = [];
      at += separator.length;
    } else {
      const word = char === "#" ? null : readWord(line, at);
      if (word === null) return null;
      words.push(word);
      at = word.end;
    }
  }
  return words.length === 0 ? null : { words, folder };
}

/** Where the next command runs; null where that can't be determined. */
function folderAfter(folder: string, [first, to, ...more]: readonly Word[], separator: string): string | null {
  if (first === undefined || !/^(cd|pushd|popd)$/.test(first.text)) return folder;
  const plain = first.text === "cd" && to !== undefined && !to.expands && more.length === 0 && !/^[-~]/.test(to.text);
  return plain && /^(&&|;|\n)$/.test(separator) ? join(isAbsolute(to.text) ? "" : folder, to.text) : null;
}

/** A command given as a list: nothing in its words is for a shell. */
export function listedCommand(command: readonly string[]): SimpleCommand {
  return { words: command.map((text, index) => ({ text, start: index, end: index + 1, expands: false })), folder: "." };
}

function readWord(line: string, start: number): Word | null {
  let text = "";
  let expands = false;
  let quote = "";
  let at = start;
  for (; at < line.length; at++) {
    const char = line.charAt(at);
    if (quote === "'") {
      if (char === "'") quote = "";
      else text += char;
    } else if (char === "`" || (char === "$" && line.charAt(at + 1) === "(")) {
      return null;
    } else if (char === '"') {
      quote = quote === "" ? '"' : "";
    } else if (char === "\\" && process.platform !== "win32") {
      at++;
      text += line.charAt(at);
    } else if (quote === '"') {
      expands ||= char === "$";
      text += char;
    } else if (char === "'") {
      quote = "'";
    } else if ("()<>".includes(char)) {
      return null;
    } else if (/[\s&|;]/.test(char)) {
      break;
    } else {
      expands ||= char === "$";
      text += char;
    }
  }
  return quote === "" ? { text, start, end: at, expands } : null;
}
