import { resolve } from "node:path";
import { fault, isFault } from "../../../fault/fault.ts";
import { mockSource } from "../../../services/mock/mock-source.ts";
import { checkSingle } from "../../../stack/config/check-single.ts";
import { stateFolder } from "../../../state/folder.ts";
import { portOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runSingle } from "./single.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .option("--from <recording>", "the recording, or the .har file, to answer from")
      .option("--service <name>", "the service of the recording to answer for; default: its only one")
      .option("--name <name>", "its name; default: the service's")
      .option("--port <port>", "this port and no other")
      .option("--timing", "answer as late as was recorded")
      .option("--any-body", "don't compare the bodies of requests")
      .addHelpText(
        "after",
        "\nExamples:\n  cove mock --from checkout\n  cove mock --from checkout --service pay --name pay --timing",
      );
  },
  run: async (context, _, options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    const { service, name } = options;
    if (typeof options.from !== "string")
      return fault("USAGE", "a mock answers from what?", "cove mock --from <recording or file.har>");
    const from = options.from.toLowerCase().endsWith(".har") ? resolve(context.cwd, options.from) : options.from;
    const source = mockSource({
      folder: stateFolder(),
      from,
      service: typeof service === "string" ? service : undefined,
    });
    if (isFault(source)) return source;
    const own = {
      from,
      service: source.service,
      ...(options.timing === true && { timing: true }),
      ...(options.anyBody === true && { anyBody: true }),
    };
    const played = checkSingle("mock", own, { port });
    if (isFault(played)) return played;
    return runSingle(context, {
      service: played,
      name: typeof name === "string" ? name : source.service,
      show: "logs",
    });
  },
};
