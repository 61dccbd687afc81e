import { isFault } from "../../../fault/fault.ts";
import type { ServiceChange } from "../../../stack/session/messages.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { changeLines } from "./changes-text.ts";
import { findServices, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  doing: () => "restarting",
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
    const changed: ServiceChange[] = [];
    for (const service of services.length === 0 ? [null] : services) {
      const changes = await home.restart(stack.id, service);
      if (isFault(changes)) return changes;
      changed.push(...changes);
      // What was restarted for no other reason is told by the next line.
      const edited = changes.filter(({ reasons }) => reasons.length > 0);
      for (const line of context.json ? [] : changeLines(context, stack.name, edited)) context.print(line);
      if (!context.json) context.print(service === null ? `${stack.name} is ready again` : `${service} is ready again`);
    }
    if (context.json)
      context.printJson({
        stack: stack.name,
        restarted: services.length === 0 ? stack.services.map(({ name }) => name) : services,
        changes: changed,
      });
    return 0;
  },
};
