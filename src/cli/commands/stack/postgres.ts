import { isFault } from "../../../fault/fault.ts";
import { checkSingle } from "../../../stack/config/check-single.ts";
import { portOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runSingle } from "./single.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .option("--name <name>", "its name; default: the project's")
      .option("--port <port>", "this port and no other")
      .option("--init <file...>", "SQL to run when the data is new")
      .option("--database <name>", "default: the project's name")
      .option("--system", "the Postgres on PATH instead of the embedded one")
      .addHelpText(
        "after",
        '\nData is kept between runs, for each project.\n\nExamples:\n  cove postgres\n  cove postgres --init schema.sql\n  cove postgres --name db\n  psql "$(cove url db)"             in another terminal',
      );
  },
  run: async (context, _, options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    const own = {
      ...(options.init !== undefined && { init: options.init }),
      ...(options.database !== undefined && { database: options.database }),
      ...(options.system === true && { engine: "system" }),
    };
    const service = checkSingle("postgres", own, { port });
    if (isFault(service)) return service;
    const name = typeof options.name === "string" ? options.name : undefined;
    return runSingle(context, { service, name, show: "states" });
  },
};
