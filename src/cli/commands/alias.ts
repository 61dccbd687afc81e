import type { Address } from "../../address/address.ts";
import { isUnspecified } from "../../address/classify.ts";
import { parseAddress } from "../../address/parse.ts";
import { fault, isFault } from "../../fault/fault.ts";
import { ensureHome } from "../../home/client/ensure.ts";
import { table } from "../terminal/table.ts";
import type { CoveCommand } from "./command.ts";

/** `3000`, `:3000`, `*:3000`, `0.0.0.0:3000`, `[::]:3000`: no address that it is reached at. */
const isAnywhere = (text: string, { host }: Address): boolean => /^:?\d+$/.test(text.trim()) || isUnspecified(host);

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    command
      .argument("[name]", "the name: `api` becomes api.localhost")
      .argument("[address]", "a port (of either family), an address or a URL that something answers at")
      .option("--remove", "remove the name")
      .addHelpText(
        "after",
        "\nExamples:\n  cove alias grafana 3000\n  cove alias api 127.0.0.1:4000\n  cove alias --remove grafana\n  cove alias",
      );
  },
  run: async (context, [name, address], options) => {
    const home = await ensureHome();
    if (isFault(home)) return home;
    if (name === undefined) {
      const snapshot = await home.snapshot();
      if (isFault(snapshot)) return snapshot;
      if (context.json) context.printJson({ aliases: snapshot.aliases });
      else
        for (const line of table(snapshot.aliases.map((a) => [a.name, `${a.address.host}:${a.address.port}`, a.url])))
          context.print(line);
      return 0;
    }
    if (options.remove === true) {
      const failed = await home.removeAlias(name);
      if (failed !== null) return failed;
      if (context.json) context.printJson({ removed: name });
      else context.print(`${name} is no name any more`);
      return 0;
    }
    if (address === undefined)
      return fault("USAGE", `what is to be called ${name}?`, `for example: cove alias ${name} 3000`);
    const parsed = parseAddress(address);
    if (isFault(parsed)) return parsed;
    // A port alone says nothing about the family: whichever answers.
    const alias = await home.setAlias(name, {
      host: isAnywhere(address, parsed) ? "localhost" : parsed.host,
      port: parsed.port,
    });
    if (isFault(alias)) return alias;
    if (context.json) context.printJson({ ...alias });
    else context.print(alias.url);
    return 0;
  },
};
