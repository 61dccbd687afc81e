import { constants } from "node:os";
import { shownScheme } from "../../../certificates/trust/trust-record.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import { createHomeLink } from "../../../home/client/link.ts";
import type { StackView } from "../../../home/view/view.ts";
import type { Plan, PlannedService } from "../../../stack/plan/plan.ts";
import { type RunningStack, runStack } from "../../../stack/run/runner.ts";
import { stateFolder } from "../../../state/folder.ts";
import { openState } from "../../../state/state.ts";
import { printable } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { jsonFault } from "../../terminal/fault-text.ts";
import { liveRegion } from "../../terminal/live-region.ts";
import { tellOutputLost } from "../../terminal/output-lost.ts";
import { duration } from "../../terminal/table.ts";
import type { Outcome } from "../command.ts";
import { changeLines } from "./changes-text.ts";
import { logPrinter } from "./log-lines.ts";
import { showInPipe } from "./run-pipe.ts";
import { type RunOutput, showInTerminal } from "./run-terminal.ts";
import { stackTable } from "./stack-table.ts";
import { startRows } from "./start-rows.ts";
import { stateText } from "./state-text.ts";

const FRAME_TIME = 100;

export interface ForegroundOptions {
  /** `output`: what the service prints is what we print (`cove run`). `logs`: merged logs. `states`: changes of state only. */
  readonly show: "output" | "logs" | "states";
  /** Plans the stack anew from its config as it is then. Absent: it can't change while it runs. */
  readonly replan?: (() => Promise<Plan | Fault>) | undefined;
  /** The services asked for by name, with all that they need. Default: all. */
  readonly wanted?: ReadonlySet<string> | null;
}

/** Runs a stack as this process's own until Ctrl-C, or until its only command ends. */
export async function runInForeground(context: Context, plan: Plan, options: ForegroundOptions): Promise<Outcome> {
  const { show, replan, wanted = null } = options;
  const state = openState();
  if (isFault(state)) return state;
  const [only] = plan.services;
  // A program with a terminal sees by itself what that can show.
  const coloured = context.live && context.coloured && only?.input?.type !== "terminal";
  const baseEnv = { ...process.env, ...(coloured && { FORCE_COLOR: "1" }) };
  let found = true;
  const link = createHomeLink(() => {
    found = false;
  });
  const running = runStack(plan, { state, link, baseEnv, replan, wanted });
  const interrupted = stopOnSignals(context, running);
  outliveReaders(running, show);
  const output = show === "output" && only !== undefined ? showRun(context, running, only) : null;
  const unlisten = show === "logs" ? showLogs(context, running) : () => {};
  try {
    const settled = await (show === "output" ? running.settled() : showStart(context, running));
    if (output !== null) return await untilCommandEnds(context, running, settled, output, interrupted);
    // With nothing left that could run, there is nothing to wait for.
    if (plan.single && isFault(settled)) return settled;
    if (!interrupted()) await showResult(context, running, settled);
    if (isFault(settled) && running.welcome() === null) return settled;
    const unwatch = show === "states" ? showChanges(context, running) : () => {};
    const untell = show === "output" ? () => {} : tellApplied(context, running);
    const ended = await running.ended;
    unwatch();
    untell();
    if (isFault(ended)) return ended;
    return interrupted() !== null || settled === null ? 0 : 1;
  } finally {
    unlisten();
    await running.stop();
    output?.end();
    state.close();
    if (!found) await stopWhenIdle();
  }
}

/** Home was started for this stack: with nothing left in it, it ends with the stack, and its port is free again. */
async function stopWhenIdle(): Promise<void> {
  const home = await connectHome();
  const snapshot = home === null || isFault(home) ? null : await home.snapshot();
  if (home === null || isFault(home) || snapshot === null || isFault(snapshot)) return;
  if (snapshot.stacks.length === 0 && snapshot.aliases.length === 0) await home.stop();
}

/** A reader that has gone (`cove up | head`) leaves the stack as it is; what `cove run` shows has no other reader. */
function outliveReaders(running: RunningStack, show: ForegroundOptions["show"]): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners("error");
    stream.on("error", (error) => {
      if (stream === process.stdout) tellOutputLost(error);
      if (show === "output") void running.stop();
    });
  }
}

/** Ctrl-C takes the stack down in order; a second one leaves the rest to home. */
function stopOnSignals(context: Context, running: RunningStack): () => NodeJS.Signals | null {
  let times = 0;
  let first: NodeJS.Signals | null = null;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      times++;
      first ??= signal;
      if (times > 1) process.exit(130);
      if (context.live) context.note(context.paint("dim", "stopping … (Ctrl-C again: at once)"));
      void running.stop();
    });
  }
  return () => first;
}

/** `cove run`: the command has this terminal, or this process's own streams. */
function showRun(context: Context, running: RunningStack, { name, input }: PlannedService): RunOutput {
  const show = input?.type === "terminal" ? showInTerminal : showInPipe;
  const output = show(context, running, name);
  const unlisten = running.on("log", ({ stream, text }) => {
    if (stream === "cove") output.say(text, true);
  });
  return {
    ...output,
    end: () => {
      unlisten();
      output.end();
    },
  };
}

function showLogs(context: Context, running: RunningStack): () => void {
  const printer = () =>
    logPrinter(
      context,
      running.plan().services.map(({ name }) => name),
    );
  let print = printer();
  const off = running.on("change", () => {
    print = printer();
  });
  const unlisten = running.on("log", (line) => print([line]));
  return () => {
    off();
    unlisten();
  };
}

/** Another `cove up` or a restart has applied an edited config. */
function tellApplied(context: Context, running: RunningStack): () => void {
  return running.on("change", (changes) => {
    if (context.json) context.printJson({ type: "changes", changes });
    else for (const line of changeLines(context, running.plan().name, changes)) context.print(line);
  });
}

/** `cove run`: says the address once it answers, then ends as the command does. */
async function untilCommandEnds(
  context: Context,
  running: RunningStack,
  settled: Fault | null,
  output: RunOutput,
  interrupted: () => NodeJS.Signals | null,
): Promise<Outcome> {
  const [service] = running.plan().services;
  const welcome = running.welcome();
  if (service === undefined || welcome === null) return settled ?? fault("INTERNAL", "the stack has no service");
  const over = () => /^(completed|failed|stopped)$/.test(running.status(service.name).state);
  if (!over() && settled !== null)
    await settle(running, () => over() || running.status(service.name).state === "ready");
  if (!over()) {
    const name = welcome.names[service.name]?.[0];
    const at =
      name === undefined
        ? `${service.address.host}:${service.address.port}`
        : `${shownScheme(stateFolder())(name)}://${name}:${welcome.port}`;
    // It may be stopping before it was ready.
    const ready = running.status(service.name).state === "ready";
    if (ready && context.json) context.printJson({ type: "ready", service: service.name, url: at });
    else if (ready) output.say(`${context.paint("green", "ready")}  ${at}`, false);
    await Promise.race([running.ended, settle(running, over)]);
  }
  const { state, cause } = running.status(service.name);
  output.end();
  const signal = interrupted() ?? output.interrupted();
  if (signal !== null) return exitCodeAfter(signal);
  if (state !== "failed" || cause === null) return 0;
  const code = cause.detail?.exitCode ?? cause.detail?.code;
  if (typeof code === "number" && code > 0) return code;
  return typeof cause.detail?.signal === "string" ? exitCodeAfter(cause.detail.signal) : cause;
}

/** As shells have it for what a signal ended. */
function exitCodeAfter(signal: string): number {
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

function settle(running: RunningStack, over: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const off = running.on("status", () => {
      if (!over()) return;
      off();
      resolve();
    });
  });
}

/** Shows how the services come up: in place on a terminal, a line each elsewhere. */
async function showStart(context: Context, running: RunningStack): Promise<Fault | null> {
  if (context.json) return running.settled();
  if (!context.moves) {
    const off = running.on("status", (service, { state, readyMs }) => {
      if (state === "ready" || state === "failed" || state === "completed") {
        context.note(`${service} ${state}${readyMs === null ? "" : ` ${duration(readyMs)}`}`);
      }
    });
    return running.settled().finally(off);
  }
  const region = liveRegion(process.stdout);
  let frame = 0;
  const draw = () => {
    const services = running.plan().services.map(({ name, kind, options }) => {
      const { state, readyMs } = running.status(name);
      return { name, label: kind.label(options), state, readyMs };
    });
    region.draw(startRows(context, services, frame++));
  };
  const timer = setInterval(draw, FRAME_TIME);
  draw();
  const settled = await running.settled();
  clearInterval(timer);
  region.clear();
  return settled;
}

/** The table of names, addresses and times. */
async function showResult(context: Context, running: RunningStack, settled: Fault | null): Promise<void> {
  const stack = await stackOf(running.plan());
  if (context.json) {
    context.printJson({ type: "stack", stack, error: settled === null ? null : jsonFault(settled) });
    return;
  }
  if (stack === null) return;
  for (const line of stackTable(context, stack.services)) context.print(line);
  if (context.live)
    context.print(
      context.paint("dim", "\n  Ctrl-C stops them all; cove logs -f follows what they say; cove open shows them"),
    );
}

async function stackOf(plan: Plan): Promise<StackView | null> {
  const home = await connectHome();
  const snapshot = home === null || isFault(home) ? null : await home.snapshot();
  if (snapshot === null || isFault(snapshot)) return null;
  return snapshot.stacks.find(({ id }) => id === plan.project.key) ?? null;
}

/** A line for each change, until the end. */
function showChanges(context: Context, running: RunningStack): () => void {
  const last = new Map<string, string>();
  return running.on("status", (service, { state, cause }) => {
    if (last.get(service) === state) return;
    last.set(service, state);
    if (context.json)
      context.printJson({ type: "state", service, state, cause: cause === null ? null : jsonFault(cause) });
    else
      context.print(
        `  ${service}  ${stateText(context, state)}${cause === null ? "" : `  ${printable(cause.message, "drop").split("\n")[0]}`}`,
      );
  });
}
