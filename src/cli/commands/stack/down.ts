import { isFault } from "../../../fault/fault.ts";
import type { CoveCommand } from "../command.ts";
import { findStack, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[stack]", "its name; default: this folder's")
      .option("--all", "every stack")
      .addHelpText("after", "\nExamples:\n  cove down\n  cove down feature-x.shop\n  cove down --all");
  },
  run: async (context, [name], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const one = options.all === true ? null : await findStack(context, snapshot, name);
    if (isFault(one)) return one;
    const stacks = one === null ? snapshot.stacks : [one];
    for (const stack of stacks) {
      const failed = await home.act(stack.id, null, "down");
      if (failed !== null) return failed;
      if (!context.json) context.print(`${stack.name} is down`);
    }
    if (context.json) context.print(JSON.stringify({ down: stacks.map((stack) => stack.name) }));
    return 0;
  },
};
