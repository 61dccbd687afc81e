import { resolve } from "node:path";
import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import { parsePort } from "../../address/ports.ts";
import type { DoorPlace } from "../kind/kind.ts";
import { lastCommand, listedCommand, type Word } from "./command-line.ts";
import { loadsPreload, toldAddress } from "./door-port.ts";
import type { Framework, Listen } from "./framework.ts";
import { FRAMEWORKS } from "./frameworks.ts";
import { findProgram, innerLine, type Program } from "./program.ts";

/** What has to change in a command: words for its end, and perhaps one word to put in another's place. */
interface Edit {
  readonly add: readonly string[];
  readonly replace?: { readonly word: Word; readonly by: string };
}

/**
 * The command with what makes its framework listen at `at`. A port or host that the user gave stays as it is (see
 * {@link fixedPortOf}), so that a second pass changes nothing. What can't be determined is left alone: PORT and
 * HOST are in the environment either way. Only the last simple command of a shell line is looked at.
 */
export function withFrameworkFlags(
  command: string | readonly string[],
  at: Address,
  cwd: string,
  door: DoorPlace | null = null,
): string | readonly string[] {
  const line = lineWithin(command);
  if (line !== null)
    return withInnerLine(command, line, withFrameworkFlags(line.text, at, cwd, loadsPreload(command) ? door : null));
  const found = recognise(command, cwd);
  if (found === null || found.framework === null) return command;
  const told = toldBy(found.framework, found.program, command, at, door);
  const { add, replace } = editOf(found.framework, found.program, told, door);
  const added = add.length === 0 ? [] : [...found.program.before, ...add];
  if (typeof command !== "string") {
    const listed = replace === undefined ? command : command.with(replace.word.start, replace.by);
    return [...listed, ...added];
  }
  const { word, by } = replace ?? { word: { start: 0, end: 0 }, by: "" };
  const edited = command.slice(0, word.start) + by + command.slice(word.end);
  return added.length === 0 ? edited : `${edited.trimEnd()} ${added.join(" ")}`;
}

/** The address that the framework is told; one that is given stays. */
export function toldBy(
  framework: Framework,
  program: Program,
  command: string | readonly string[],
  at: Address,
  door: DoorPlace | null,
): Address {
  const { toldDoor, listen } = framework;
  const places =
    listen.by === "bind" ? listen.flag : listen.by === "flags" ? [...listen.port, ...(listen.host ?? [])] : [];
  return toldDoor !== undefined && given(program.args, places)
    ? at
    : toldAddress(framework, program, command, at, door);
}

/** The line that a shell on the line is given: `sh -c 'vite'`. */
function lineWithin(command: string | readonly string[]): Word | null {
  const last = typeof command === "string" ? lastCommand(command) : listedCommand(command);
  return last === null ? null : innerLine(last.words);
}

/** The command with another line for its shell. */
function withInnerLine(
  command: string | readonly string[],
  { text, start, end }: Word,
  line: string | readonly string[],
): string | readonly string[] {
  if (typeof line !== "string" || line === text) return command;
  if (typeof command !== "string") return command.with(start, line);
  return `${command.slice(0, start)}'${line.replaceAll("'", `'\\''`)}'${command.slice(end)}`;
}

/**
 * The port that the command itself fixes: by a flag (`vite --port 3000`), or by `PORT=3000` before a program that
 * Cove has no flags for. It wins over the lease: the service's address follows it. Null: any port will do.
 */
export function fixedPortOf(command: string | readonly string[], cwd: string): number | null {
  const found = recognise(command, cwd);
  if (found === null) return null;
  const { framework, program } = found;
  if (framework !== null && framework.listen.by !== "env") return portIn(framework, program.args);
  return usable(program.env.PORT);
}

/**
 * What makes the command's framework listen on loopback, as one would type it: `vite --host 127.0.0.1`,
 * `gunicorn --bind 127.0.0.1:8000`. Null: no framework is known, or it has no such flag.
 */
export function loopbackAdvice(command: string | readonly string[], at: Address, cwd: string): string | null {
  const framework = recognise(command, cwd)?.framework ?? null;
  if (framework === null) return null;
  const { listen, programs, sub = [] } = framework;
  const called = [programs[0], sub.find((word) => word !== "")].filter(Boolean).join(" ");
  switch (listen.by) {
    case "flags":
      return listen.host === undefined ? null : [called, ...flag(listen.host[0], listen.hostIs ?? at.host)].join(" ");
    case "bind":
      return [called, ...flag(listen.flag[0], `${listen.scheme ?? ""}${formatAddress(at)}`)].join(" ");
    case "word":
      return listen.word === "host:port"
        ? `${called} ${formatAddress(at)}`
        : [called, at.port, ...(listen.host === undefined ? [] : flag(listen.host[0], at.host))].join(" ");
    case "replace":
      return `${called} ${listen.after} ${formatAddress(at)}`;
    case "env":
      return `HOST=${at.host} ${called}`;
  }
}

/** The framework that a command starts, and its program; the framework is null where it is none of the list. */
export function recognise(
  command: string | readonly string[],
  cwd: string,
): { framework: Framework | null; program: Program } | null {
  const last = typeof command === "string" ? lastCommand(command) : listedCommand(command);
  if (last === null) return null;
  const line = innerLine(last.words);
  if (line !== null) return recognise(line.text, resolve(cwd, last.folder));
  const program = findProgram(last.words, resolve(cwd, last.folder));
  if (program === null) return null;
  const { name, args } = program;
  // Words that the shell replaces by flags, or flags that are meant for another program, can't be distinguished.
  const unclear = args.some(({ text, expands }, n) => text === "--" || (expands && isSpread(text, args[n - 1])));
  const framework = FRAMEWORKS.find((row) => name !== null && row.programs.includes(name) && serves(row, args));
  return { framework: unclear ? null : (framework ?? null), program };
}

const isSpread = (text: string, before: Word | undefined): boolean =>
  text.startsWith("$") && !(before?.text.startsWith("-") ?? false);

function serves({ sub, not, only, values = [] }: Framework, args: readonly Word[]): boolean {
  const first = args.find(({ text }, n) => !text.startsWith("-") && !values.includes(args[n - 1]?.text ?? ""));
  const word = first?.text ?? "";
  if (only !== undefined && !args.some(({ text }) => only.test(text))) return false;
  return (sub?.includes(word) ?? true) && !(not?.includes(word) ?? false);
}

function editOf(
  { listen, also = [], atDoor, values = [], toldDoorPort }: Framework,
  { args, direct }: Program,
  at: Address,
  door: DoorPlace | null,
): Edit {
  const single = also.flatMap((one) => {
    const [name, form] = typeof one === "string" ? [one] : one;
    if (given(args, [name.split("=", 1)[0] ?? ""])) return [];
    const value = form === undefined ? undefined : filledIn(form, at, door);
    if (value === null) return [];
    return value === undefined ? [name] : flag(name, value);
  });
  const rest = [...single, ...doorFlags(atDoor, args, at, door)];
  switch (listen.by) {
    case "flags": {
      const before = flagValue(args, listen.port, toldDoorPort === "always");
      const stays = toldDoorPort === "always" && door !== null ? before === String(at.port) : before !== undefined;
      const port = stays ? [] : flag(listen.port[0], String(at.port));
      const host =
        listen.host === undefined || given(args, listen.host) ? [] : flag(listen.host[0], listen.hostIs ?? at.host);
      return { add: [...port, ...host, ...rest] };
    }
    case "bind":
      if (bindGiven(args, listen)) return { add: rest };
      return { add: [...flag(listen.flag[0], `${listen.scheme ?? ""}${formatAddress(at)}`), ...rest] };
    case "word": {
      const word = wordGiven(args, listen.word, values)
        ? []
        : [listen.word === "port" ? String(at.port) : formatAddress(at)];
      const host = listen.host === undefined || given(args, listen.host) ? [] : flag(listen.host[0], at.host);
      return { add: [...word, ...host, ...rest] };
    }
    case "replace": {
      const word = args[args.findIndex(({ text }) => text === listen.after) + 1];
      return word === undefined || !direct ? { add: [] } : { add: [], replace: { word, by: formatAddress(at) } };
    }
    case "env":
      return { add: [] };
  }
}

/** The flags that go together: all or none. */
function doorFlags(atDoor: Framework["atDoor"], args: readonly Word[], at: Address, door: DoorPlace | null): string[] {
  if (atDoor === undefined || door === null) return [];
  const { flags, unless = [] } = atDoor;
  if (given(args, [...flags.map(([name]) => name), ...unless])) return [];
  return flags.flatMap(([name, form]) => flag(name, filledIn(form, at, door) ?? ""));
}

/** A form of the table with its places filled in; null where it asks for the door's and there is none. */
export function filledIn(form: string, at: Address, door: DoorPlace | null): string | null {
  if (form.includes("{door") && door === null) return null;
  const places = { host: at.host, port: at.port, doorHost: door?.host, doorPort: door?.port };
  return form.replace(/\{(\w+)\}/g, (whole, name: string) => String(places[name as keyof typeof places] ?? whole));
}

/** `--port` gives two words, `--port=` one. */
const flag = (name: string, value: string): string[] => (name.endsWith("=") ? [name + value] : [name, value]);

/** The words that follow one of a flag's spellings; undefined where none is there. */
function flagValue(args: readonly Word[], spellings: readonly string[], last = false): string | undefined {
  const entries = [...args.entries()];
  for (const [n, { text }] of last ? entries.reverse() : entries) {
    for (const spelling of spellings) {
      const bare = spelling.replace(/=$/, "");
      if (text === bare) return args[n + 1]?.text ?? "";
      if (text.startsWith(`${bare}=`)) return text.slice(bare.length + 1);
      // A short flag may hold its value: `-p3000`.
      if (/^-[a-zA-Z]$/.test(bare) && text.startsWith(bare) && /^\d+$/.test(text.slice(2))) return text.slice(2);
    }
  }
  return undefined;
}

/** Whether one of a flag's spellings is there. */
export const given = (args: readonly Word[], spellings: readonly string[]): boolean =>
  flagValue(args, spellings) !== undefined;

const bindGiven = (args: readonly Word[], { flag: names, bare }: Extract<Listen, { by: "bind" }>): boolean =>
  bare === true ? args.some(({ text }) => names.some((name) => text.startsWith(name))) : given(args, names);

/** A `8000` or `0.0.0.0:8000` that the user gave among the arguments, for frameworks that take it as a word. */
function wordGiven(args: readonly Word[], form: "host:port" | "port", values: readonly string[]): Word | undefined {
  const shape = form === "port" ? /^\d+$/ : /^(.*:)?\d+$/;
  return args.find(({ text, expands }, n) => {
    const isValue = values.includes(args[n - 1]?.text ?? "");
    return !isValue && !text.startsWith("-") && (expands || shape.test(text));
  });
}

function portIn({ listen, values = [] }: Framework, args: readonly Word[]): number | null {
  switch (listen.by) {
    case "flags":
      return usable(flagValue(args, listen.port));
    case "bind":
      return usable(flagValue(args, listen.flag));
    case "word":
      return usable(wordGiven(args, listen.word, values)?.text);
    default:
      return null;
  }
}

/** The port at the end of `3000`, `0.0.0.0:3000`, `tcp://[::]:3000`; 0 asks for any port, which a lease is. */
function usable(text: string | undefined): number | null {
  const port = parsePort(/(?:^|:)(\d+)$/.exec(text ?? "")?.[1] ?? "");
  return port === 0 ? null : port;
}
