import { isFault } from "../../../fault/fault.ts";
import type { CoveCommand } from "../command.ts";
import { examine } from "./examine.ts";
import { explanationLines } from "./explain-text.ts";
import { examineRange, rangeLines } from "./range.ts";
import { parseTarget } from "./target.ts";

export const command: CoveCommand = {
  doing: () => "looking",
  configure: (command) => {
    command
      .argument(
        "[what...]",
        "an address, a port, a range of either, a name, a URL, or pid N; default: Cove's own address",
      )
      .option("--pid", "the number is a pid")
      .option("--probe", "ask what answers on loopback: HTTP, TLS, Postgres, Redis, SSH …")
      .addHelpText(
        "after",
        "\nExamples:\n  cove explain 127.0.0.1:62893        the tour of Cove\n  cove explain 0.0.0.0:3000\n  cove explain :5432 --probe\n  cove explain 3000-3010\n  cove explain 192.168.0.0/16\n  cove explain web.shop.localhost\n  cove explain 'api → db'\n  cove explain postgres://127.0.0.1/shop\n  cove explain pid 812",
      );
  },
  run: async (context, words, options) => {
    const target = parseTarget(words, options.pid === true);
    if (isFault(target)) return target;
    if (target.kind === "range" || target.kind === "network") {
      const found = await examineRange(target);
      if (context.json) context.printJson({ ...found });
      else for (const line of rangeLines(context, found)) context.print(line);
      return 0;
    }
    const explanation = await examine(target, { probe: options.probe === true, cwd: context.cwd });
    if (isFault(explanation)) return explanation;
    if (context.json) context.printJson({ ...explanation });
    else for (const line of explanationLines(context, explanation)) context.print(line);
    return 0;
  },
};
