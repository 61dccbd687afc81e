import { createInterface } from "node:readline/promises";
import { isFault } from "../../../fault/fault.ts";
import { homeToStop, leftRunning } from "../../../home/client/stop-home.ts";
import type { CoveCommand } from "../command.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .option("-y, --yes", "don't ask when stacks are up")
      .addHelpText("after", "\nEnds every stack in order, then Cove itself. Leases and data stay.");
  },
  run: async (context, _, options) => {
    const home = await homeToStop();
    if (isFault(home)) return home;
    if (home === null) {
      context.print(context.json ? JSON.stringify({ stopped: false }) : "Nothing runs");
      return 0;
    }
    const snapshot = await home.snapshot();
    const stacks = isFault(snapshot) ? [] : snapshot.stacks.map(({ name }) => name);
    if (stacks.length > 0 && context.live && process.stdin.isTTY && options.yes !== true) {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const answer = await lines.question(`This ends ${stacks.join(", ")}. Go on? [y/N] `);
      lines.close();
      if (!/^y(es)?$/i.test(answer.trim())) return 1;
    }
    const failed = await home.stop();
    if (failed !== null) return failed;
    const left = await leftRunning();
    if (left !== null) return left;
    context.print(
      context.json
        ? JSON.stringify({ stopped: true, stacks })
        : ["Cove has stopped", ...stacks.map((name) => `${name} is down`)].reverse().join("\n"),
    );
    return 0;
  },
};
