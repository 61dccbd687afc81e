import { dirname } from "node:path";
import { type Fault, isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import { identifyProject, type Project } from "../../../lease/project.ts";
import { findConfig, type LoadedConfig, loadConfig } from "../../../stack/config/config.ts";
import { subsetOf } from "../../../stack/plan/subset.ts";
import type { Context } from "../../terminal/context.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { runningStack } from "./apply-config.ts";
import { changeLines } from "./changes-text.ts";
import { runDetached } from "./detached.ts";
import { type AttachOptions, attach } from "./follow-running.ts";
import { runInForeground } from "./foreground.ts";
import { planOf, replan } from "./replan.ts";
import { stackTable } from "./stack-table.ts";

export const command: CoveCommand = {
  doing: () => "starting",
  configure: (command) => {
    command
      .argument("[service...]", "only these, and what they need")
      .option("-d, --detach", "return once everything is ready")
      .option("--logs", "show what the services write")
      // The process that runs a stack in the background: it never joins one that runs.
      .addOption(command.createOption("--runner").hideHelp())
      .addHelpText(
        "after",
        "\nReads cove.config.ts, cove.yaml or cove.json, here or in a folder above. Where the stack is up already, what was edited takes effect: new services start, changed ones restart, removed ones stop, all others stay untouched.\n\nExamples:\n  cove up\n  cove up -d\n  cove up api --logs\n  cove -C examples/shop up",
      );
  },
  run: async (context, services, options) => {
    const config = await loadConfig(context.cwd);
    if (isFault(config)) return await withWhatGoesOn(context, config);
    const project = await identifyProject(config.dir);
    if (options.detach === true) return await upDetached(context, project.key, services);
    const wanted = { services, logs: options.logs === true };
    if (options.runner === true) return await start(context, config, project, wanted);
    const joined = await join(context, project.key, wanted);
    if (joined !== null) return joined;
    const outcome = await start(context, config, project, wanted);
    if (!isFault(outcome) || outcome.fault !== "STACK_RUNNING") return outcome;
    // Another one started it at the same moment.
    return (await join(context, project.key, wanted)) ?? outcome;
  },
};

/** A broken config leaves the stack that runs as it is. */
async function withWhatGoesOn({ cwd }: Context, broken: Fault): Promise<Fault> {
  const file = await findConfig(cwd);
  const home = await connectHome();
  if (file === null || home === null || isFault(home)) return broken;
  const stack = await runningStack(home, (await identifyProject(dirname(file))).key);
  if (stack === null || isFault(stack)) return broken;
  const goesOn = `${stack.name} goes on as it was`;
  return { ...broken, hint: broken.hint === undefined ? goesOn : `${broken.hint}; ${goesOn}` };
}

/** Applies the config to the stack that runs already and shows that; null: none runs. */
async function join(context: Context, key: string, wanted: AttachOptions): Promise<Outcome | null> {
  const home = await connectHome();
  // What is wrong with home is told by the start.
  if (home === null || isFault(home) || home.home.stopping) return null;
  const stack = await runningStack(home, key);
  return stack === null || isFault(stack) ? stack : await attach(context, home, stack, wanted);
}

async function start(
  context: Context,
  config: LoadedConfig,
  project: Project,
  { services, logs }: AttachOptions,
): Promise<Outcome> {
  const whole = planOf(config, project);
  const plan = isFault(whole) ? whole : subsetOf(whole, services);
  if (isFault(plan)) return plan;
  return runInForeground(context, plan, {
    show: logs ? "logs" : "states",
    replan: () => replan(config.dir, project),
    wanted: services.length === 0 ? null : new Set(plan.services.map(({ name }) => name)),
  });
}

async function upDetached(context: Context, key: string, services: readonly string[]): Promise<Outcome> {
  const up = await runDetached(context.cwd, key, services);
  if (isFault(up)) return up;
  const { stack, changes } = up;
  if (context.json) context.printJson({ type: "stack", stack, changes: changes ?? [], error: null });
  else {
    if (changes?.length === 0) context.print(context.paint("dim", `${stack.name}: nothing changed`));
    for (const line of changeLines(context, stack.name, changes ?? [])) context.print(line);
    for (const line of stackTable(context, stack.services)) context.print(line);
  }
  return stack.services.some(({ state, overdue }) => state === "failed" || overdue === true) ? 1 : 0;
}
