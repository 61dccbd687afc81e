import { isFault } from "../../../fault/fault.ts";
import { trafficOf } from "../../../home/client/traffic-client.ts";
import { scopeOptions } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { exchangeScope } from "./traffic-scope.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    scopeOptions(command)
      .argument("<id>", "an exchange's id as cove watch prints it")
      .option("--fetch", "as JavaScript's fetch instead")
      .option("--reveal", "with credentials as they are; without it they are hidden, and have to be filled in")
      .addHelpText("after", "\nExamples:\n  cove curl 00A7\n  cove curl 00A7 --reveal | sh");
  },
  run: async (context, [id = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const form = options.fetch === true ? "fetch" : "curl";
    const traffic = trafficOf(running.home);
    const detail = await traffic.detail(id, false);
    if (isFault(detail)) return detail;
    const other = await exchangeScope(context, running.snapshot, options, detail.summary, "looks");
    if (other !== null) return other;
    const text = await traffic.as(id, form, options.reveal === true);
    if (isFault(text)) return text;
    if (context.json) context.printJson({ text });
    else context.printData(text);
    return 0;
  },
};
