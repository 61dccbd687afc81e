import { homedir } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { isPrintable, printableLine } from "../../text/printable.ts";
import type { CoveCommand } from "../commands/command.ts";
import { globalOptions } from "../terminal/options.ts";
import { type AskedLine, readAsked } from "./asked.ts";
import { bashReply, readBashLine } from "./bash-line.ts";
import { CANDIDATES, type Candidate, runningNow, type Surroundings } from "./sources.ts";
import { OPTION_VALUES, type Source, WORDS } from "./values.ts";

/** A shell waits no longer than this, ms: a home that hangs has nothing to say then. */
const LIMIT = 1_000;
const LONGEST_ABOUT = 72;

/** The list of commands. */
type Commands = readonly {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<{ command: CoveCommand }>;
}[];

/** What a shell's script is told. */
interface Completion {
  /** What the shell itself adds: `files`, `folders`, or the completion of another program from this word on. */
  readonly also: "" | "files" | "folders" | `programs ${number}`;
  readonly candidates: readonly Candidate[];
  /** What stands before the value in the same word: `--stack=`. */
  readonly prefix: string;
}

const NOTHING: Completion = { also: "", candidates: [], prefix: "" };

/** `cove __complete SHELL …`: what may stand at the end of the line, for the script of `cove completion`. Never fails. */
export async function answerShell(commands: Commands, [shell, ...given]: readonly string[]): Promise<void> {
  const write = process.stdout.write.bind(process.stdout);
  if (shell === "bash") {
    const line = readBashLine(given[1] ?? "", given[0] ?? "");
    const { also, candidates, prefix } = await within(complete(commands, line.words.slice(1), line.current));
    const fitting = candidates.filter(({ value }) => `${prefix}${value}`.startsWith(line.current));
    const open = fitting.every((one) => one.open === true);
    const replies = fitting.map(({ value }) => bashReply(`${prefix}${value}`, line));
    write([`${also}${open && replies.length > 0 ? " open" : ""}`, ...replies, ""].join("\n"));
    return;
  }
  const [, ...words] = given;
  const { also, candidates, prefix } = await within(complete(commands, words.slice(0, -1), words.at(-1) ?? ""));
  const lines = candidates.map(({ value, about, open }) =>
    shell === "zsh"
      ? `${open ? "+" : "="}${value.replace(/[\\:]/g, "\\$&")}${about === "" ? "" : `:${shown(about)}`}`
      : `${prefix}${value}\t${shown(about)}`,
  );
  write([also, ...lines, ""].join("\n"));
}

function shown(about: string): string {
  const line = printableLine(about);
  return line.length > LONGEST_ABOUT ? `${line.slice(0, LONGEST_ABOUT - 1)}…` : line;
}

async function within(answer: Promise<Completion>): Promise<Completion> {
  const late = new Promise<Completion>((done) => void setTimeout(done, LIMIT, NOTHING));
  return await Promise.race([answer.catch(() => NOTHING), late]);
}

/** What may stand at the end of `cove WORDS… CURRENT`. */
async function complete(commands: Commands, words: readonly string[], current: string): Promise<Completion> {
  const program = globalOptions(new Command("cove"));
  program.option("-V, --version", "print the version").option("-h, --help", "show help");
  const { name, behind, ahead } = commandIn(words);
  if (name === null)
    return await candidatesOf(
      commands,
      null,
      readAsked({ ...program, takesProgram: false, options: program.options }, ahead, current),
      current,
    );
  const entry = commands.find((one) => one.name === name);
  if (entry === undefined && name !== "help") return NOTHING;
  const command = globalOptions(new Command(name));
  if (entry !== undefined) (await entry.load()).command.configure(command);
  command.option("-h, --help", "show help");
  const read = readAsked({ options: command.options, takesProgram: name === "run" }, behind, current);
  const { given } = readAsked({ options: program.options, takesProgram: false }, ahead, "");
  const answer = await candidatesOf(commands, name, { ...read, given: { ...given, ...read.given } }, current);
  // The program's own completion begins at its name.
  return answer.also === "programs 0" ? { ...answer, also: `programs ${programAt(words)}` } : answer;
}

/** The first word that is no option, nor the value of one. */
function commandIn(words: readonly string[]) {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (/^(-C|--cwd)$/.test(word)) at++;
    else if (!word.startsWith("-")) return { name: word, ahead: words.slice(0, at), behind: words.slice(at + 1) };
  }
  return { name: null, ahead: words, behind: [] };
}

/** How many words stand before the program of `cove run`, `cove` itself included. */
function programAt(words: readonly string[]): number {
  const dashes = words.indexOf("--");
  if (dashes !== -1) return dashes + 2;
  const run = words.indexOf("run");
  for (let at = run + 1; at < words.length; at++) {
    const word = words[at] ?? "";
    if (!word.startsWith("-")) return at + 1;
    if (/^--(name|port|env-file|env-file-if-exists|cwd)$|^-C$/.test(word)) at++;
  }
  return words.length + 1;
}

async function candidatesOf(
  commands: Commands,
  name: string | null,
  { asked, given }: AskedLine,
  current: string,
): Promise<Completion> {
  if (asked.type === "option names") {
    const candidates = asked.options.map(({ long, short, description }) => ({
      value: (current.startsWith("--") ? long : (long ?? short)) ?? "",
      about: description,
    }));
    // A filter's words may begin with a dash, too.
    const negated = name !== null && !current.startsWith("--") && WORDS[name]?.at(-1)?.includes("filter");
    if (!negated) return { ...NOTHING, candidates };
    const words = await candidatesOf(commands, name, { asked: { type: "word", before: ["", ""] }, given }, current);
    return { ...words, candidates: [...candidates, ...words.candidates] };
  }
  const isValue = asked.type === "option value";
  const sources: readonly Source[] = isValue
    ? (OPTION_VALUES[asked.option] ?? [])
    : name === null
      ? ["commands"]
      : (WORDS[name]?.[Math.min(asked.before.length, WORDS[name].length - 1)] ?? []);
  const prefix = isValue ? asked.prefix : "";
  const running = runningNow().catch(() => null);
  const around: Surroundings = {
    cwd: resolve((given.cwd ?? ".").replace(/^~(?=\/|$)/, homedir())),
    stack: given.stack,
    before: asked.type === "word" ? asked.before : [],
    current: current.slice(prefix.length),
    commands: [...commands, { name: "help", summary: "help for a command" }],
    running: () => running,
  };
  const found = await Promise.all(sources.map(async (source) => await CANDIDATES[source](around)));
  const usual = found.flat().filter(({ value }) => value !== "" && isPrintable(value) && !/[\n\t]/.test(value));
  const seen = new Set(asked.type === "word" ? asked.before : []);
  const candidates = usual.filter(({ value }) => !seen.has(value) && seen.add(value));
  return { also: shellsOwn(sources, around), candidates, prefix };
}

function shellsOwn(sources: readonly Source[], { before }: Surroundings): Completion["also"] {
  if (sources.includes("programs")) return "programs 0";
  if (sources.includes("folders")) return "folders";
  return sources.includes("files") || (sources.includes("conditions") && before[0] === "play") ? "files" : "";
}
