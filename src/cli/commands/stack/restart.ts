import { isFault } from "../../../fault/fault.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { findServices, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  configure: (command) => {
    stackOption(command)
      .argument("[service...]", "services, or stack/service; default: all of this folder's stack")
      .addHelpText("after", "\nExamples:\n  cove restart api\n  cove restart shop/web\n  cove restart");
  },
  run: async (context, words, options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const found = await findServices(context, snapshot, words, options.stack);
    if (isFault(found)) return found;
    const { stack, services } = found;
    for (const service of services.length === 0 ? [null] : services) {
      const failed = await home.act(stack.id, service, "restart");
      if (failed !== null) return failed;
      if (!context.json) context.print(service === null ? `${stack.name} is ready again` : `${service} is ready again`);
    }
    if (context.json)
      context.printJson({
        stack: stack.name,
        restarted: services.length === 0 ? stack.services.map(({ name }) => name) : services,
      });
    return 0;
  },
};
