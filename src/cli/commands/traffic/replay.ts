import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { type EditRequest, trafficOf } from "../../../home/client/traffic-client.ts";
import type { ExchangeDiff } from "../../../inspect/diff.ts";
import type { Context } from "../../terminal/context.ts";
import { scopeOptions } from "../../terminal/options.ts";
import type { CoveCommand, Options } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { diffText } from "./diff-text.ts";
import { exchangeLines } from "./exchange-line.ts";
import { exchangeScope } from "./traffic-scope.ts";

export const command: CoveCommand = {
  doing: () => "waiting for the answer",
  configure: (command) => {
    scopeOptions(command)
      .argument("<id>", "an exchange's id as cove watch prints it")
      .option("-X, --method <method>", "another method")
      .option("--path <path>", "another path and query")
      .option("-H, --header <line...>", "'Name: value' sets a header, 'Name:' removes it")
      .option("-d, --data <body>", "another body; @file reads it from a file")
      .addHelpText(
        "after",
        "\nSends the request again to where it went, and compares the answers.\n\nExamples:\n  cove replay 00A7\n" +
          "  cove replay 00A7 --path '/orders?page=2' -H 'Accept: text/csv'\n  cove replay 00A7 -X PUT -d @order.json",
      );
  },
  run: async (context, [id = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const traffic = trafficOf(running.home);
    const before = await traffic.detail(id, true);
    if (isFault(before)) return before;
    const foreign = await exchangeScope(context, running.snapshot, options, before.summary, "acts");
    if (foreign !== null) return foreign;
    const edit = editOf(context, options, before.http?.requestHeaders ?? []);
    if (isFault(edit)) return edit;
    const after = await traffic.replay(id, edit);
    if (isFault(after)) return after;
    const diff: ExchangeDiff | Fault = await traffic.diff(before.summary.id, after.id);
    if (isFault(diff)) return diff;
    if (context.json) {
      context.printJson({ before: before.summary, after, diff });
      return 0;
    }
    const line = exchangeLines(context);
    context.print(line(before.summary));
    context.print(line(after));
    for (const text of diffText(context, diff)) context.print(text);
    return 0;
  },
};

function editOf(
  { cwd }: Context,
  { method, path, header, data }: Options,
  headers: readonly (readonly [string, string])[],
): EditRequest | Fault {
  const body = typeof data === "string" ? bodyOf(cwd, data) : undefined;
  if (isFault(body)) return body;
  const fields = Array.isArray(header) ? changed(headers, header) : undefined;
  if (isFault(fields)) return fields;
  return {
    ...(typeof method === "string" && { method: method.toUpperCase() }),
    ...(typeof path === "string" && { target: path.startsWith("/") ? path : `/${path}` }),
    ...(fields !== undefined && { headers: fields }),
    ...(body !== undefined && { bodyBase64: body.toString("base64") }),
  };
}

function bodyOf(cwd: string, data: string): Buffer | Fault {
  if (!data.startsWith("@")) return Buffer.from(data);
  try {
    return readFileSync(resolve(cwd, data.slice(1)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return fault("USAGE", `${data.slice(1)} can't be read: ${why}`, "for example: cove replay 00A7 -d @order.json");
  }
}

/** The headers with lines set or, where nothing stands behind the colon, taken away. */
function changed(
  headers: readonly (readonly [string, string])[],
  lines: readonly string[],
): (readonly [string, string])[] | Fault {
  let all = [...headers];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim();
    if (colon < 1) return fault("USAGE", `--header takes 'Name: value', not ${line}`, "for example: -H 'Accept: */*'");
    const value = line.slice(colon + 1).trim();
    all = all.filter(([known]) => known.toLowerCase() !== name.toLowerCase());
    if (value !== "") all.push([name, value]);
  }
  return all;
}
