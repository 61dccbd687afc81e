import { isFault } from "../../../fault/fault.ts";
import { type TraceAnswer, trafficOf } from "../../../home/client/traffic-client.ts";
import type { ExchangeDetail } from "../../../inspect/detail.ts";
import { printableIn } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { scopeOptions } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { detailText } from "./detail-text.ts";
import { jsonDetail } from "./json-detail.ts";
import { reportedText } from "./reported-text.ts";
import { exchangeScope } from "./traffic-scope.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    scopeOptions(command)
      .argument("<id>", "an exchange's id as cove watch prints it")
      .option("--reveal", "show credentials as they are")
      .option("--raw", "print texts as they are, with all that a terminal would obey")
      .addHelpText("after", "\nExamples:\n  cove show 00A7\n  cove show 00A7 --json | jq .http.response.text -r");
  },
  run: async (context, [id = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const traffic = trafficOf(running.home);
    const detail = await traffic.detail(id, options.reveal === true);
    if (isFault(detail)) return detail;
    const other = await exchangeScope(context, running.snapshot, options, detail.summary, "looks");
    if (other !== null) return other;
    const trace = await traffic.trace(id);
    if (isFault(trace)) return trace;
    if (context.json) context.printJson(jsonDetail(detail, trace));
    else if (options.raw === true) for (const line of textOf(context, detail, trace)) context.printRaw(line);
    else for (const line of textOf(context, printableIn(detail), printableIn(trace))) context.print(line);
    return 0;
  },
};

function textOf(context: Context, detail: ExchangeDetail, { exchanges, spans, logs }: TraceAnswer): string[] {
  return [...detailText(context, detail, exchanges), ...reportedText(context, spans, logs)];
}
