import { isFault } from "../../../fault/fault.ts";
import { checkSingle } from "../../../stack/config/check-single.ts";
import { portOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runSingle } from "./single.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[dir]", "the folder", ".")
      .option("--name <name>", "its name; default: the project's")
      .option("--port <port>", "this port and no other")
      .option("--spa", "answer unknown paths with index.html")
      .addHelpText("after", "\nExamples:\n  cove serve\n  cove serve dist --spa\n  cove serve docs --name handbook");
  },
  run: async (context, [dir = "."], options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    const service = checkSingle("files", { dir, spa: options.spa === true }, { port });
    if (isFault(service)) return service;
    const name = typeof options.name === "string" ? options.name : undefined;
    return runSingle(context, { service, name, show: "logs" });
  },
};
