import { createHash } from "node:crypto";
import { toLabel } from "../../../address/name.ts";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { openLeases } from "../../../lease/leases.ts";
import { identifyProject } from "../../../lease/project.ts";
import { type Plan, planSingle, type SingleStack } from "../../../stack/plan/plan.ts";
import type { ServiceInput } from "../../../stack/plan/streams.ts";
import { openState } from "../../../state/state.ts";
import type { Context } from "../../terminal/context.ts";
import type { Outcome } from "../command.ts";
import { type ForegroundOptions, runInForeground } from "./foreground.ts";

export interface SingleOptions {
  /** Its kind and options, checked. */
  readonly service: SingleStack["service"];
  /** Default: the project's name. */
  readonly name?: string | undefined;
  /** Where its input comes from. Default: as in a stack. */
  readonly input?: ServiceInput;
  readonly show: ForegroundOptions["show"];
}

/** Runs one service without a config: `cove run`, `cove serve`, `cove postgres`. */
export async function runSingle(context: Context, options: SingleOptions): Promise<Outcome> {
  const found = await identifyProject(context.cwd);
  const name = options.name === undefined ? found.name : toLabel(options.name);
  // Beside the folder's own stack, and beside others of the same folder: each name is a stack of its own.
  const key = createHash("sha256").update(`${found.key}\0${name}`).digest("hex").slice(0, 16);
  const planned = (): Plan | Fault => {
    const state = openState();
    if (isFault(state)) return state;
    const leases = openLeases(state);
    const { service, input } = options;
    const plan = planSingle({ project: { ...found, key }, leases, service, input, name, cwd: context.cwd });
    state.close();
    return plan;
  };
  const plan = planned();
  if (isFault(plan)) return plan;
  const outcome = await runInForeground(context, plan, { show: options.show, replan: async () => planned() });
  return isFault(outcome) && outcome.fault === "STACK_RUNNING" ? runsAlready(context, name, outcome) : outcome;
}

/** Each name of a folder is a stack of its own: a second service there only needs another one. */
function runsAlready({ command }: Context, name: string, { detail }: Fault): Fault {
  const end = typeof detail?.name === "string" ? `cove down ${detail.name}` : "cove down";
  const rest = command === "cove run" ? " -- <command>" : "";
  return fault(
    "STACK_RUNNING",
    `${name} runs in this folder already (runner pid ${String(detail?.pid)})`,
    `run this one beside it: ${command} --name ${name}-2${rest}; or end the other: ${end}`,
    detail,
  );
}
