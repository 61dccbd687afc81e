import { isFault } from "../../../fault/fault.ts";
import { connectHome } from "../../../home/client/client.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand } from "../command.ts";
import { stackHeading, stackTable } from "./stack-table.ts";

export const command: CoveCommand = {
  doing: () => "asking",
  configure: (command) => {
    command.addHelpText("after", "\nExamples:\n  cove\n  cove --json | jq '.stacks[].services[].url'");
  },
  run: async (context) => {
    const home = await connectHome();
    if (isFault(home)) return home;
    if (home === null) {
      if (context.json) context.printJson({ home: null, stacks: [], aliases: [] });
      else nothing((line) => context.print(line));
      return 0;
    }
    const snapshot = await home.snapshot();
    if (isFault(snapshot)) return snapshot;
    if (context.json) {
      context.printJson({ ...snapshot });
      return 0;
    }
    const { stacks, aliases } = snapshot;
    if (stacks.length === 0 && aliases.length === 0) nothing((line) => context.print(line));
    for (const stack of stacks) {
      context.print(stackHeading(context, stack));
      for (const line of stackTable(context, stack.services)) context.print(line);
      context.print("");
    }
    if (aliases.length > 0) {
      context.print(context.paint("bold", "aliases"));
      const rows = aliases.map((alias) => [alias.name, `${alias.address.host}:${alias.address.port}`, alias.url]);
      for (const line of table(rows)) context.print(line);
      context.print("");
    }
    context.print(context.paint("dim", `dashboard  ${snapshot.home.url}  (cove open)`));
    return 0;
  },
};

function nothing(print: (line: string) => void): void {
  print("Nothing runs yet.\n");
  for (const line of table([
    ["cove run -- npm run dev", "any dev server, under its project's name"],
    ["cove up", "every service of a cove.config.ts"],
    ["cove serve", "the files of this folder"],
  ])) {
    print(line);
  }
  print("");
}
