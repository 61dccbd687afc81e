import { isFault } from "../../../fault/fault.ts";
import { trafficOf } from "../../../home/client/traffic-client.ts";
import { printableIn } from "../../../text/printable.ts";
import { scopeOptions } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { exchangeScope } from "./traffic-scope.ts";
import { whyText } from "./why-text.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    scopeOptions(command)
      .argument("<id>", "an exchange's id as cove watch prints it")
      .addHelpText(
        "after",
        `
Says what was under way while a request was, how long, and what determined its end; and what its route's usual request
(p50 of those that are kept) does otherwise. What may be of another request is told apart, as a guess.

Examples:
  cove why 00A7
  cove watch is:slow                      which to ask about
  cove why 00A7 --json | jq -r .sentence`,
      );
  },
  run: async (context, [id = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const why = await trafficOf(running.home).why(id);
    if (isFault(why)) return why;
    const other = await exchangeScope(context, running.snapshot, options, why.summary, "looks");
    if (other !== null) return other;
    if (context.json) context.printJson({ ...why });
    else for (const line of whyText(context, printableIn(why))) context.print(line);
    return 0;
  },
};
