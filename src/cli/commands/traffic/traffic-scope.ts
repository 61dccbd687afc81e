import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import type { Snapshot, StackView } from "../../../home/view/view.ts";
import { parseFilter } from "../../../inspect/filter/filter.ts";
import type { ExchangeSummary } from "../../../inspect/summary.ts";
import type { Context } from "../../terminal/context.ts";
import type { Options } from "../command.ts";
import { folderProject, stacksOf } from "../stack/folder-project.ts";
import { findStack, nothingHere, runningHint } from "../stack/project-stack.ts";
import { stackPlace } from "../stack/stack-place.ts";
import { filterOf } from "./filter-words.ts";

/** Which exchanges a command is about: its words as a filter, and the project that they are of. */
export interface TrafficScope {
  readonly filter: string;
  /** True where the folder belongs to no project, and nobody said which is meant. */
  readonly unasked: boolean;
  /** True where the folder's project isn't up. */
  readonly idle?: boolean;
}

/**
 * The filter that a command's words make, within this folder's project; within `--stack`'s where that is given; over all with
 * `--all`, with a `stack:` or `trace:` in the words, and where the folder belongs to no project. Faults: STACK_UNKNOWN.
 */
export async function trafficScope(
  context: Context,
  snapshot: Snapshot,
  words: readonly string[],
  options: Options,
): Promise<TrafficScope | Fault> {
  if (options.all === true && options.stack !== undefined) {
    return fault("USAGE", "one stack, or all?", "leave out --all or --stack");
  }
  if (options.stack !== undefined) {
    const stack = await findStack(context, snapshot, options.stack);
    if (isFault(stack)) return stack;
    return { filter: within([`folder:${quoted(stack.root)}`, `stack:${stack.name}`], words, [stack]), unasked: false };
  }
  const asked = options.all === true || words.some((word) => /^(stack|trace|folder):/i.test(word));
  const project = await folderProject(context.cwd);
  const here = stacksOf(project, snapshot.stacks);
  const isProject = project.configured || here.length > 0;
  if (asked || !isProject) return { filter: filterOf(words, snapshot.stacks), unasked: !asked };
  return {
    filter: within([`folder:${project.roots.map(quoted).join(",")}`], words, here),
    unasked: false,
    idle: here.length === 0,
  };
}

function within(scope: readonly string[], words: readonly string[], stacks: readonly StackView[]): string {
  return [...scope, filterOf(words, stacks)].filter((part) => part !== "").join(" ");
}

function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** Says of a command that only looks what it looks at, where that isn't a project that is up. */
export function tellScope(context: Context, { stacks }: Snapshot, { unasked, idle = false }: TrafficScope): void {
  if (stacks.length === 0) return;
  if (idle) {
    const all = `${runningHint(stacks, "")}; for theirs: ${context.command} --all`;
    context.note(context.paint("dim", `this folder's project isn't up; ${all}`));
  }
  if (!unasked) return;
  context.note(context.paint("dim", `no project here: this is about all; ${runningHint(stacks, "")}`));
}

/** Why a command that acts may not, outside of any project. */
export async function whichProject(context: Context, snapshot: Snapshot, words: readonly string[]): Promise<Fault> {
  const problem = nothingHere(context, await folderProject(context.cwd), snapshot, words);
  return { ...problem, hint: `${problem.hint}; or every project's: ${[context.command, ...words, "--all"].join(" ")}` };
}

/**
 * Whether a command that was given an exchange's id is about it: `--stack` must be its stack. Of another folder's project one
 * that only looks says so; one that acts has to be told. Null: go on.
 */
export async function exchangeScope(
  context: Context,
  snapshot: Snapshot,
  { stack: option, all }: Options,
  { short, stack: name }: ExchangeSummary,
  acts: "acts" | "looks",
): Promise<Fault | null> {
  if (all === true) return null;
  const named = option === undefined ? null : await findStack(context, snapshot, option);
  if (named !== null && isFault(named)) return named;
  if (named?.name === name) return null;
  if (named !== null)
    return fault("EXCHANGE_UNKNOWN", `${short} is of ${name}, not of ${named.name}`, "see: cove watch --all");
  const stack = snapshot.stacks.find((one) => one.name === name);
  // What has ended has no folder that it could be told by.
  if (stack === undefined || stacksOf(await folderProject(context.cwd), [stack]).length > 0) return null;
  const whose = `${short} is of ${name} in ${stackPlace(stack)}`;
  if (acts === "looks") {
    context.note(context.paint("dim", whose));
    return null;
  }
  const hint = `to send it there: ${context.command} ${short} --stack ${name}`;
  return fault("STACK_UNKNOWN", `${whose}, not of this folder's project`, hint, { stack: name });
}

/** The folders that a recording's filter keeps it to; none where it is of all projects. */
export function foldersIn(filter: string): string[] {
  const parsed = parseFilter(filter);
  return isFault(parsed)
    ? []
    : parsed.terms.flatMap(({ key, not, values }) => (key === "folder" && !not ? values : []));
}
