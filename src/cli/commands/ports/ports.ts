import { seePorts } from "../../../ports/see.ts";
import type { CoveCommand } from "../command.ts";
import { coveKnowledge } from "./cove-uses.ts";
import { portsJson } from "./ports-json.ts";
import { portsLines } from "./ports-text.ts";

export const command: CoveCommand = {
  doing: (_, { watch }) => (watch === true ? null : "looking"),
  configure: (command) => {
    command
      .argument("[name]", "a port, a pid, or part of a program, user, project, container or service")
      .option("--udp", "UDP sockets too")
      .option("--exposed", "only what others than this machine can reach")
      .option("--tree", "by project and parent process")
      .option("-w, --watch", "follow what changes, a look a second")
      .addHelpText(
        "after",
        "\nExamples:\n  cove ports\n  cove ports node\n  cove ports 3000\n  cove ports --exposed\n  cove ports --json | jq '.listeners[].port'",
      );
  },
  run: async (context, [name], options) => {
    const asked = { name, udp: options.udp === true, exposed: options.exposed === true, tree: options.tree === true };
    if (options.watch === true) {
      const { watchPorts } = await import("./watch.ts");
      return watchPorts(context, asked);
    }
    const seen = await seePorts(asked, await coveKnowledge());
    if (context.json) context.printJson(portsJson(seen, asked));
    else for (const line of portsLines(context, seen, asked)) context.print(line);
    return 0;
  },
};
