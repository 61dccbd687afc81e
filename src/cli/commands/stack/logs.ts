import { isFault } from "../../../fault/fault.ts";
import { LINES_PER_SERVICE } from "../../../home/model/log-book.ts";
import { stackOption, wholeNumber } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { logPrinter } from "./log-lines.ts";
import { findServices, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  doing: (_, { follow }) => (follow === true ? null : "asking"),
  configure: (command) => {
    stackOption(command)
      .argument("[service...]", "services, or stack/service; default: all of this folder's stack")
      .option("-f, --follow", "follow new lines")
      .option("-n, --lines <count>", "how many of the last lines to show first", "200")
      .option("--raw", "as the services wrote it, terminal escapes included")
      .addHelpText("after", "\nExamples:\n  cove logs\n  cove logs -f api\n  cove logs -n 1000 shop/db --json");
  },
  run: async (context, words, options) => {
    const limit = wholeNumber(options.lines, "--lines", { most: LINES_PER_SERVICE, example: "cove logs -n 50" });
    if (isFault(limit)) return limit;
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const found = await findServices(context, snapshot, words, options.stack);
    if (isFault(found)) return found;
    const { stack } = found;
    const all = stack.services.map(({ name }) => name);
    // Of a stack as a whole speaks `cove`, too: what a scenario does to its edges.
    const services = found.services.length > 0 ? found.services : all.length > 1 ? [...all, "cove"] : all;
    const print = logPrinter(context, services, { raw: options.raw === true });

    if (limit > 0) {
      const [only] = services;
      const lines = await home.logs(stack.id, services.length === 1 && only !== undefined ? only : null, { limit });
      if (isFault(lines)) return lines;
      print(lines);
    }
    if (options.follow !== true) return 0;
    const until = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => until.abort());
    const lost = await home.follow((event) => {
      if (event.type === "log" && event.stack === stack.id) print(event.lines);
    }, until.signal);
    return lost ?? 0;
  },
};
