import { type Fault, isFault } from "../../../fault/fault.ts";
import type { HomeClient } from "../../../home/client/client.ts";
import type { StackView } from "../../../home/view/view.ts";
import type { ServiceChange } from "../../../stack/session/messages.ts";
import { printable } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { jsonFault } from "../../terminal/fault-text.ts";
import { liveRegion } from "../../terminal/live-region.ts";
import { askKey } from "../../terminal/one-key.ts";
import type { Outcome } from "../command.ts";
import { applyConfig } from "./apply-config.ts";
import { changeLines } from "./changes-text.ts";
import { followStack } from "./follow-stack.ts";
import { logPrinter } from "./log-lines.ts";
import { hasSettled } from "./settled.ts";
import { stackTable } from "./stack-table.ts";
import { startRows } from "./start-rows.ts";
import { stateText } from "./state-text.ts";

const FRAME_TIME = 100;
/** After Ctrl-C without an answer the stack is left running, ms. */
const ANSWER_TIME = 10_000;

/** A terminal, or a pipe, beside a stack that another process runs. */
interface Attached {
  readonly context: Context;
  readonly home: HomeClient;
  /** The stack as home shows it. */
  view: StackView;
  /** Called whenever `view` is new. */
  readonly watchers: Set<() => void>;
  /** It was told what the stack is like: changes are shown from now on. */
  shown: boolean;
  /** A question stands on the terminal. */
  asking: boolean;
  /** Aborted when the stack is left to itself. */
  readonly leave: AbortController;
  /** The last state that was shown, by service. */
  readonly states: Map<string, string>;
}

export interface AttachOptions {
  /** Only these, and what they need; empty: all. */
  readonly services: readonly string[];
  readonly logs: boolean;
}

/**
 * Applies the config to a stack that runs already, shows it, and follows it until it ends or is left: Ctrl-C asks in a
 * terminal, and leaves it elsewhere. Null: it isn't up any more, so it is to be started.
 */
export async function attach(
  context: Context,
  home: HomeClient,
  stack: StackView,
  { services, logs }: AttachOptions,
): Promise<Outcome | null> {
  const attached: Attached = {
    ...{ context, home, view: stack, shown: false, asking: false },
    ...{ watchers: new Set(), leave: new AbortController(), states: new Map() },
  };
  const off = leaveOnSignals(attached);
  const ended = followStack(stack, followerOf(attached, logs), attached.leave.signal);
  try {
    const changes = await withProgress(attached, applyConfig(home, stack.id, services));
    if (changes === null || isFault(changes)) {
      off();
      return changes;
    }
    for (const line of context.json ? [] : changeText(attached, changes)) context.print(line);
    await withProgress(attached, Promise.race([settled(attached), ended]));
    if (!attached.leave.signal.aborted) showStack(attached, changes);
    return outcomeOf(attached, await ended);
  } finally {
    attached.leave.abort();
  }
}

function changeText({ context, view }: Attached, changes: readonly ServiceChange[]): string[] {
  return changes.length === 0
    ? [context.paint("dim", `${view.name}: nothing changed`)]
    : changeLines(context, view.name, changes);
}

function showStack(attached: Attached, changes: readonly ServiceChange[]): void {
  const { context, view } = attached;
  if (context.json) context.printJson({ type: "stack", stack: view, changes, error: null });
  else {
    for (const line of stackTable(context, view.services)) context.print(line);
    const keys = process.stdin.isTTY ? "Ctrl-C asks: detach or stop" : "Ctrl-C detaches";
    context.print(context.paint("dim", `\n  attached to ${view.name} (runner pid ${view.runner.pid}); ${keys}`));
  }
  for (const { name, state } of view.services) attached.states.set(name, state);
  attached.shown = true;
}

/** Resolves when the stack's services have settled, or it is left. */
function settled(attached: Attached): Promise<void> {
  const { watchers, leave } = attached;
  return new Promise((resolve) => {
    const look = () => {
      if (!hasSettled(attached.view) && !leave.signal.aborted) return;
      watchers.delete(look);
      resolve();
    };
    watchers.add(look);
    leave.signal.addEventListener("abort", look);
    look();
  });
}

/** Shows on a terminal how the services are, until `work` is done. */
async function withProgress<T>(attached: Attached, work: Promise<T>): Promise<T> {
  const { context } = attached;
  if (!context.moves) return await work;
  const region = liveRegion(process.stdout);
  let frame = 0;
  const timer = setInterval(() => {
    if (!attached.asking) region.draw(startRows(context, attached.view.services, frame++));
  }, FRAME_TIME);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    region.clear();
  }
}

function followerOf(attached: Attached, logs: boolean) {
  const { context, watchers } = attached;
  let names = "";
  let print = logPrinter(context, []);
  return {
    changed: (view: StackView) => {
      attached.view = view;
      for (const look of watchers) look();
      if (attached.shown && !attached.asking && !logs) showChanges(attached);
    },
    logged: (lines: Parameters<typeof print>[0]) => {
      if (!logs || !attached.shown || attached.asking) return;
      const now = attached.view.services.map(({ name }) => name);
      if (now.join() !== names) print = logPrinter(context, now);
      names = now.join();
      print(lines);
    },
  };
}

/** A line for each service whose state is another than the last that was shown. */
function showChanges({ context, view, states }: Attached): void {
  for (const { name, state, cause } of view.services) {
    if (states.get(name) === state) continue;
    states.set(name, state);
    const why = cause === null ? "" : `  ${printable(cause.message, "drop").split("\n")[0]}`;
    if (context.json)
      context.printJson({
        type: "state",
        service: name,
        state,
        cause: cause === null ? null : jsonFault(cause as Fault),
      });
    else context.print(`  ${name}  ${stateText(context, state)}${why}`);
  }
  for (const name of states.keys()) {
    if (view.services.some((service) => service.name === name)) continue;
    states.delete(name);
    if (context.json) context.printJson({ type: "state", service: name, state: "removed", cause: null });
    else context.print(`  ${name}  ${context.paint("dim", "removed")}`);
  }
}

/** Ctrl-C asks on a terminal; elsewhere, and by other signals, the stack is left running. */
function leaveOnSignals(attached: Attached): () => void {
  const { context, leave } = attached;
  const asks = context.live && process.stdin.isTTY === true;
  const interrupt = () => void (asks ? ask(attached) : leave.abort());
  const abort = () => leave.abort();
  process.on("SIGINT", interrupt);
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, abort);
  return () => {
    process.off("SIGINT", interrupt);
    for (const signal of ["SIGTERM", "SIGHUP"] as const) process.off(signal, abort);
  };
}

async function ask(attached: Attached): Promise<void> {
  const { context, home, view, leave } = attached;
  if (attached.asking) return;
  attached.asking = true;
  const answer = await askKey({
    text: `\n${view.name}: [d]etach and leave it running, [s]top it, [c]ontinue? (Enter: detach) `,
    answers: {
      d: "detach",
      "\r": "detach",
      "\n": "detach",
      "\x03": "detach",
      s: "stop",
      c: "continue",
      "\x1b": "continue",
    },
    otherwise: "detach",
    limit: ANSWER_TIME,
  } as const);
  attached.asking = false;
  if (answer === "continue") return;
  if (answer === "stop") {
    context.note(context.paint("dim", "stopping …"));
    const failed = await home.act(view.id, null, "down");
    // Its end is seen by following it.
    if (failed === null) return;
    context.note(failed.message);
  }
  leave.abort();
}

function outcomeOf({ context, view }: Attached, ended: "ended" | Fault | undefined): Outcome {
  if (isFault(ended)) return ended;
  const what = ended === undefined ? "detached" : "ended";
  if (context.json) context.printJson({ type: what, stack: view.name });
  else if (what === "ended") context.print(`${view.name} has ended`);
  else context.print(`detached from ${view.name}: it goes on (runner pid ${view.runner.pid}); end it with: cove down`);
  return 0;
}
