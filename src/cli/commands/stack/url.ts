import { fault, isFault } from "../../../fault/fault.ts";
import { noPort } from "../../../home/view/no-port.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { findServices, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    stackOption(command)
      .argument("<service>", "a service, or stack/service")
      .addHelpText("after", '\nExamples:\n  psql "$(cove url db)"\n  curl "$(cove url api)/healthz"');
  },
  run: async (context, [word = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const found = await findServices(context, running.snapshot, [word], options.stack);
    if (isFault(found)) return found;
    const service = found.stack.services.find(({ name }) => name === (found.services[0] ?? word));
    if (service === undefined)
      return fault("SERVICE_UNKNOWN", `${word} is a stack`, `name a service of it: ${found.stack.name}/…`);
    if (service.url === null) return noPort(service.name);
    const url = service.names.length > 0 ? service.url : await running.home.url(found.stack.id, service.name);
    if (isFault(url)) return url;
    if (context.json) context.printJson({ url });
    else context.printData(url);
    return 0;
  },
};
