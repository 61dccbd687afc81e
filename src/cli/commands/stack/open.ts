import { spawn } from "node:child_process";
import { isFault } from "../../../fault/fault.ts";
import { ensureHome } from "../../../home/client/ensure.ts";
import { noPort } from "../../../home/view/no-port.ts";
import { stackOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { findServices, runningHome } from "./project-stack.ts";

export const command: CoveCommand = {
  doing: () => "starting Cove",
  configure: (command) => {
    stackOption(command)
      .argument("[service]", "a service; default: the dashboard")
      .option("--print", "only print the address")
      .addHelpText(
        "after",
        "\nThe dashboard's address logs one browser in, once, within a minute.\n\nExamples:\n  cove open\n  cove open web\n  cove open --print",
      );
  },
  run: async (context, [word], options) => {
    const url = word === undefined ? await dashboard() : await service();
    if (isFault(url)) return url;
    if (context.json) context.printJson({ url });
    else context.print(url);
    if (context.live && options.print !== true) browse(url);
    return 0;

    async function dashboard() {
      const home = await ensureHome();
      return isFault(home) ? home : await home.link();
    }
    async function service() {
      const running = await runningHome();
      if (isFault(running)) return running;
      const found = await findServices(context, running.snapshot, [word ?? ""], options.stack);
      if (isFault(found)) return found;
      const service = found.stack.services.find(
        ({ name }) => found.services.length === 0 || name === found.services[0],
      );
      return service?.url ?? noPort(service?.name ?? found.stack.name);
    }
  },
};

/** Hands the address to the system's browser; what it prints or how it ends is not ours. */
function browse(url: string): void {
  const [program, ...args] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", "", url]
        : ["xdg-open", url];
  const child = spawn(program ?? "xdg-open", args, { stdio: "ignore", detached: true });
  child.on("error", () => {});
  child.unref();
}
