import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { connectHome, type HomeClient } from "../../../home/client/client.ts";
import type { Snapshot, StackView } from "../../../home/view/view.ts";
import type { Context } from "../../terminal/context.ts";
import { type FolderProject, folderProject, mainStack, stacksOf } from "./folder-project.ts";
import { shownFolder, stackPlace } from "./stack-place.ts";

/** A running home and what it shows; the fault says how to start something. */
export async function runningHome(): Promise<{ home: HomeClient; snapshot: Snapshot } | Fault> {
  const home = await connectHome();
  if (isFault(home)) return home;
  const snapshot = home === null ? null : await home.snapshot();
  if (snapshot !== null && isFault(snapshot)) return snapshot;
  if (home === null || snapshot === null) {
    return fault("STACK_UNKNOWN", "nothing runs", "start something with: cove up, or cove run -- <command>");
  }
  return { home, snapshot };
}

/**
 * The stack that a command means: the one named by `--stack`, else this folder's. Never another project's, even if it is the
 * only one. Faults: STACK_UNKNOWN, which says what runs and where.
 */
export async function findStack(context: Context, snapshot: Snapshot, name?: unknown): Promise<StackView | Fault> {
  if (typeof name === "string") return namedStack(context, snapshot, name);
  const project = await folderProject(context.cwd);
  const here = stacksOf(project, snapshot.stacks);
  if (here.length === 0) return nothingHere(context, project, snapshot);
  return mainStack(project, here) ?? severalHere(context, here);
}

/** A stack and the services of it that the words name: `web`, `shop/web`; none means all. */
export async function findServices(
  context: Context,
  snapshot: Snapshot,
  words: readonly string[],
  option?: unknown,
): Promise<{ stack: StackView; services: string[] } | Fault> {
  const name = stackInWords(words, option);
  if (isFault(name)) return name;
  const services = words.map((word) => word.slice(word.lastIndexOf("/") + 1));
  const stack =
    name === undefined ? await stackHere(context, snapshot, services) : await namedStack(context, snapshot, name);
  if (isFault(stack)) return stack;
  const missing = services.find((service) => !hasService(stack, service));
  if (missing === undefined) return { stack, services };
  // `cove logs shop` in shop's folder.
  if (services.length === 1 && missing === stack.name) return { stack, services: [] };
  const has = stack.services.map((one) => one.name).join(", ");
  const other = snapshot.stacks.find((one) => one.name === missing);
  const meant = other === undefined ? "" : `; ${missing} is the stack in ${stackPlace(other)}: --stack ${missing}`;
  return fault("SERVICE_UNKNOWN", `${stack.name} has no service ${missing}`, `it has: ${has}${meant}`, {
    stack: stack.name,
    service: missing,
  });
}

/** The stack that `--stack`, or what stands before a slash, names. Faults: USAGE where they name several. */
function stackInWords(words: readonly string[], option: unknown): string | undefined | Fault {
  const named = words.flatMap((word) => (word.lastIndexOf("/") > 0 ? [word.slice(0, word.lastIndexOf("/"))] : []));
  const all = new Set(typeof option === "string" ? [option, ...named] : named);
  const [name] = all;
  if (all.size < 2 && (option !== undefined || named.length === 0 || named.length === words.length)) return name;
  return fault("USAGE", "one command acts on one stack", "name it once, as in: cove restart --stack shop web api");
}

/** The folder's stack that has the services, where one of several has. */
async function stackHere(
  context: Context,
  snapshot: Snapshot,
  services: readonly string[],
): Promise<StackView | Fault> {
  const project = await folderProject(context.cwd);
  const here = stacksOf(project, snapshot.stacks);
  if (here.length === 0) return nothingHere(context, project, snapshot, services);
  const [first] = here;
  if (here.length === 1 && first !== undefined) return first;
  const having = here.filter((stack) => services.every((service) => hasService(stack, service)));
  const named = here.filter((stack) => services.length === 1 && stack.name === services[0]);
  const meant = having.length > 0 ? having : named.length > 0 ? named : here;
  return mainStack(project, meant) ?? severalHere(context, meant, services);
}

function hasService(stack: StackView, service: string): boolean {
  return stack.services.some(({ name }) => name === service);
}

/** The stack of that name, id or folder. Faults: STACK_UNKNOWN. */
async function namedStack(context: Context, { stacks }: Snapshot, name: string): Promise<StackView | Fault> {
  const named = stacks.find((stack) => stack.name === name || stack.id === name);
  if (named !== undefined) return named;
  const folder = resolve(context.cwd, name);
  // A stack may outlive its folder.
  const there = stacks.filter(({ root }) => root === folder);
  if (there.length === 0 && !existsSync(folder)) {
    const message = `no stack ${name} is up`;
    return fault("STACK_UNKNOWN", message, runningHint(stacks, "start one with: cove up"), known(stacks));
  }
  const project = await folderProject(folder);
  const found = there.length > 0 ? there : stacksOf(project, stacks);
  if (found.length === 0) {
    const message = `no stack of ${shownFolder(project.roots[0])} is up`;
    return fault("STACK_UNKNOWN", message, runningHint(stacks, "start one with: cove up"), known(stacks));
  }
  return mainStack(project, found) ?? severalHere(context, found);
}

/** Nothing of this folder runs; what does, and where, is said. */
export function nothingHere(
  context: Context,
  { roots: [root], configured }: FolderProject,
  { stacks }: Snapshot,
  words: readonly string[] = [],
): Fault {
  const message = `no stack of this folder is up (${shownFolder(root)})`;
  const start = configured ? "start it with: cove up" : "start one with: cove up, or cove run -- <command>";
  const likely =
    stacks.find((stack) => words.length > 0 && words.every((word) => hasService(stack, word))) ?? stacks[0];
  const again = [context.command, ...words, "--stack", likely?.name].join(" ");
  const elsewhere = likely === undefined ? "" : `; ${runningHint(stacks, "")}; to mean one of them: ${again}`;
  return fault("STACK_UNKNOWN", message, start + elsewhere, { root, ...known(stacks) });
}

function severalHere(context: Context, here: readonly StackView[], words: readonly string[] = []): Fault {
  const names = here.map(({ name }) => name).join(", ");
  const again = [context.command, ...words, "--stack", here[0]?.name].join(" ");
  return fault("STACK_UNKNOWN", `this folder has several stacks: ${names}`, `name one: ${again}`, known(here));
}

/** `running: shop in ~/code/shop, blog in ~/code/blog`; `none` where nothing runs. */
export function runningHint(stacks: readonly StackView[], none: string): string {
  if (stacks.length === 0) return none;
  return `running: ${stacks.map((stack) => `${stack.name} in ${stackPlace(stack)}`).join(", ")}`;
}

function known(stacks: readonly StackView[]): Record<string, unknown> {
  return { stacks: stacks.map(({ name, root, branch }) => ({ name, root, branch })) };
}
