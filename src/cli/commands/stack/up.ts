import { fault, isFault } from "../../../fault/fault.ts";
import { openLeases } from "../../../lease/leases.ts";
import { identifyProject } from "../../../lease/project.ts";
import { loadConfig } from "../../../stack/config/config.ts";
import { planStack } from "../../../stack/plan/plan.ts";
import { subsetOf } from "../../../stack/plan/subset.ts";
import { openState } from "../../../state/state.ts";
import type { CoveCommand } from "../command.ts";
import { runDetached } from "./detached.ts";
import { runInForeground } from "./foreground.ts";
import { stackTable } from "./stack-table.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[service...]", "only these, and what they need")
      .option("-d, --detach", "return once everything is ready")
      .option("--logs", "show what the services write")
      .addHelpText(
        "after",
        "\nReads cove.config.ts, cove.yaml or cove.json, here or in a folder above.\n\nExamples:\n  cove up\n  cove up -d\n  cove up api --logs\n  cove -C examples/shop up",
      );
  },
  run: async (context, services, options) => {
    const config = await loadConfig(context.cwd);
    if (isFault(config)) return config;
    const project = await identifyProject(config.dir);
    if (options.detach === true) {
      const stack = await runDetached(context.cwd, project.key, services);
      if (isFault(stack)) return stack;
      if (context.json) context.printJson({ type: "stack", stack, error: null });
      else for (const line of stackTable(context, stack.services)) context.print(line);
      const failed = stack.services.find(({ state, overdue }) => state === "failed" || overdue === true);
      return failed === undefined ? 0 : 1;
    }
    const state = openState();
    if (isFault(state)) return state;
    const whole = planStack(config, project, openLeases(state));
    state.close();
    const plan = isFault(whole) ? whole : subsetOf(whole, services);
    if (isFault(plan)) return plan;
    if (plan.services.length === 0)
      return fault("CONFIG_INVALID", `${config.file} has no services`, 'add one, for example: web: command("vite")');
    return runInForeground(context, plan, { show: options.logs === true ? "logs" : "states" });
  },
};
