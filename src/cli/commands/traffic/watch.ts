import { isFault } from "../../../fault/fault.ts";
import { trafficOf } from "../../../home/client/traffic-client.ts";
import { EXCHANGES_MOST } from "../../../home/view/limits.ts";
import { scopeOptions, wholeNumber } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { exchangeLines } from "./exchange-line.ts";
import { inTraces } from "./in-traces.ts";
import { tellScope, trafficScope } from "./traffic-scope.ts";

export const command: CoveCommand = {
  dashedWords: true,
  configure: (command) => {
    scopeOptions(command)
      .argument("[filter...]", 'which: api, web→api, status:5xx, path:/orders*, method:post, "any text"')
      .option("-n, --lines <count>", "how many of the last ones to begin with", "10")
      .option("--no-follow", "don't wait for more")
      .addHelpText(
        "after",
        `
Shows this folder's project; outside of any, and with --all or stack:NAME, every project.
A filter's words must all hold; a comma lists alternatives, a dash in front means not.
  edge:web→api (or web:api)  from:  to:  stack:  status:500,4xx,>=400,error  method:  path:/orders*
  type:json  is:slow,error,websocket,held,replay,repeated  ms:>200  size:>10KB  protocol:postgres  trace:ID  link:likely

Examples:
  cove watch
  cove watch api status:5xx
  cove watch edge:api:db is:slow
  cove watch path:/orders* -method:get --json
  cove show 00A7                          all of one`,
      );
  },
  run: async (context, words, options) => {
    const limit = wholeNumber(options.lines, "--lines", { most: EXCHANGES_MOST, example: "cove watch -n 50" });
    if (isFault(limit)) return limit;
    const running = await runningHome();
    if (isFault(running)) return running;
    const traffic = trafficOf(running.home);
    const scope = await trafficScope(context, running.snapshot, words, options);
    if (isFault(scope)) return scope;
    tellScope(context, running.snapshot, scope);
    const { filter } = scope;
    const line = exchangeLines(context);
    const print = inTraces((exchange, depth) => context.print(line(exchange, depth)));

    const before = limit === 0 ? [] : await traffic.last(filter, limit);
    if (isFault(before)) return before;
    for (const exchange of [...before].reverse()) {
      if (context.json) context.printJson({ type: "exchange", ...exchange });
      else context.print(line(exchange));
    }
    if (options.follow === false) return 0;
    if (before.length === 0 && context.live) context.note(context.paint("dim", "waiting for traffic …"));

    const until = new AbortController();
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => until.abort());
    const known = new Set(before.filter(({ ms }) => ms !== null).map(({ id }) => id));
    const lost = await traffic.follow(
      filter,
      (event) => {
        if (event.type !== "exchanges") return;
        const fresh = event.exchanges.filter(({ id }) => !known.has(id));
        if (!context.json) print(fresh);
        else
          for (const exchange of fresh) if (exchange.ms !== null) context.printJson({ type: "exchange", ...exchange });
        if (event.skipped > 0 && context.json) context.printJson({ type: "skipped", count: event.skipped });
        else if (event.skipped > 0) context.note(`${event.skipped} more, too fast to show: narrow it with a filter`);
      },
      until.signal,
    );
    return lost ?? 0;
  },
};
