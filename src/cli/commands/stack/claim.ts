import { isFault } from "../../../fault/fault.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { findStack, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  configure: (command) => {
    stackOption(command).addHelpText(
      "after",
      "\nWhere services' code chooses a port, such as 3000, several checkouts run at once, and localhost:3000 leads to the first\n" +
        "one. From now on it leads to this folder's.\n\nExamples:\n  cove claim\n  cove claim --stack feature-x.shop",
    );
  },
  run: async (context, _, options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const stack = await findStack(context, snapshot, options.stack);
    if (isFault(stack)) return stack;
    const ports = await home.claim(stack.id);
    if (isFault(ports)) return ports;
    if (context.json) context.printJson({ stack: stack.name, ports });
    for (const { port, service } of context.json ? [] : ports) {
      context.print(`localhost:${port} leads to ${service} of ${stack.name}`);
    }
    return 0;
  },
};
