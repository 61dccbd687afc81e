import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { attachByKeyboard, attachByPipe } from "./attached.ts";
import { findServices, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  configure: (command) => {
    stackOption(command)
      .argument("<service>", "a service of this folder's stack, or stack/service")
      .addHelpText(
        "after",
        "\nShows the last screen of what the service printed, and all that follows; what is typed goes to it.\nWith tty: true it has a terminal, and every key goes to it: Ctrl-] leaves. Without one, lines go to it: Ctrl-C leaves.\nIn a pipe the input goes to it, and the command returns.\n\nExamples:\n  cove attach web\n  echo rs | cove attach web\n  cove attach shop/api",
      );
  },
  run: async (context, [word = ""], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const found = await findServices(context, snapshot, [word], options.stack);
    if (isFault(found)) return found;
    const [service] = found.services;
    if (service === undefined)
      return severalServices(found.stack.services.map(({ name }) => `${found.stack.name}/${name}`));
    const place = { stack: found.stack.id, service };
    const seated = process.stdin.isTTY === true ? attachByKeyboard : attachByPipe;
    return await seated(context, home.address, place);
  },
};

/** The name of a stack was given. */
function severalServices(names: readonly string[]): Fault {
  return fault(
    "USAGE",
    "which service?",
    `cove attach ${names[0] ?? "SERVICE"}${names.length > 1 ? `; it has: ${names.join(", ")}` : ""}`,
  );
}
