import { isFault } from "../../../fault/fault.ts";
import { trafficOf } from "../../../home/client/traffic-client.ts";
import type { CoveCommand } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("<id>", "an exchange's id as cove watch prints it")
      .option("--fetch", "as JavaScript's fetch instead")
      .option("--reveal", "with credentials as they are; without it they are hidden, and have to be filled in")
      .addHelpText("after", "\nExamples:\n  cove curl 00A7\n  cove curl 00A7 --reveal | sh");
  },
  run: async (context, [id = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const form = options.fetch === true ? "fetch" : "curl";
    const text = await trafficOf(running.home).as(id, form, options.reveal === true);
    if (isFault(text)) return text;
    context.print(context.json ? JSON.stringify({ text }) : text);
    return 0;
  },
};
