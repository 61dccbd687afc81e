import { fault, isFault } from "../../../fault/fault.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { findStack, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  doing: () => "stopping",
  configure: (command) => {
    stackOption(command)
      .argument("[stack]", "its name or folder; default: this folder's")
      .option("--all", "every stack")
      .addHelpText("after", "\nExamples:\n  cove down\n  cove down feature-x.shop\n  cove down --all");
  },
  run: async (context, [name], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const wanted = name ?? options.stack;
    if (wanted !== undefined && (options.all === true || (options.stack ?? wanted) !== wanted)) {
      return fault("USAGE", "one stack, or all?", "for example: cove down shop; cove down --all");
    }
    const one = options.all === true ? null : await findStack(context, snapshot, wanted);
    if (isFault(one)) return one;
    const stacks = one === null ? snapshot.stacks : [one];
    for (const stack of stacks) {
      const failed = await home.act(stack.id, null, "down");
      if (failed !== null) return failed;
      if (!context.json) context.print(`${stack.name} is down`);
    }
    if (context.json) context.printJson({ down: stacks.map((stack) => stack.name) });
    return 0;
  },
};
