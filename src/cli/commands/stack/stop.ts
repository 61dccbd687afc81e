import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { homeToStop, leftRunning } from "../../../home/client/stop-home.ts";
import type { StackView } from "../../../home/view/view.ts";
import { canAsk, confirm } from "../../terminal/confirm.ts";
import type { Context } from "../../terminal/context.ts";
import type { CoveCommand } from "../command.ts";
import { folderProject, stacksOf } from "./folder-project.ts";
import { stackPlace } from "./stack-place.ts";

export const command: CoveCommand = {
  doing: () => "stopping",
  configure: (command) => {
    command
      .option("--all", "also the stacks of other folders")
      .option("-y, --yes", "the same, without asking")
      .addHelpText(
        "after",
        "\nEnds every stack in order, then Cove itself. Leases and data stay.\nThis folder's stack alone: cove down.\n\nExamples:\n  cove stop\n  cove stop --all",
      );
  },
  run: async (context, _, options) => {
    const home = await homeToStop();
    if (isFault(home)) return home;
    if (home === null) {
      if (context.json) context.printJson({ stopped: false, stacks: [] });
      else context.print("Nothing runs");
      return 0;
    }
    const snapshot = await home.snapshot();
    const stacks = isFault(snapshot) ? [] : snapshot.stacks;
    const refused = options.yes === true || options.all === true ? null : await askFor(context, stacks);
    if (refused !== null) return refused;
    const failed = await home.stop();
    if (failed !== null) return failed;
    const left = await leftRunning();
    if (left !== null) return left;
    const names = stacks.map(({ name }) => name);
    if (context.json) context.printJson({ stopped: true, stacks: names });
    else context.print([...names.map((name) => `${name} is down`), "Cove has stopped"].join("\n"));
    return 0;
  },
};

/** Asks where stacks run; where nobody can be asked, those of other folders are left alone. Null: go on. */
async function askFor(context: Context, stacks: readonly StackView[]): Promise<Fault | null> {
  if (stacks.length === 0) return null;
  const here = stacksOf(await folderProject(context.cwd), stacks);
  const others = stacks.filter((stack) => !here.includes(stack));
  const list = (some: readonly StackView[]) => some.map((one) => `${one.name} in ${stackPlace(one)}`).join(", ");
  if (!context.json && canAsk()) {
    if (await confirm(`This ends Cove and ${list(stacks)}. Go on?`)) return null;
    return fault("NOT_CONFIRMED", "nothing was stopped", "this folder's stack alone: cove down");
  }
  if (others.length === 0) return null;
  const hint = `to end them too: cove stop --all${here.length === 0 ? "" : "; this folder's stack alone: cove down"}`;
  const detail = { stacks: others.map(({ name, root, branch }) => ({ name, root, branch })) };
  return fault("NOT_CONFIRMED", `stacks of other folders run: ${list(others)}`, hint, detail);
}
