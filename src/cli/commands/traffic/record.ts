import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { type Recording, type RecordingsClient, recordingsOf } from "../../../home/client/recordings-client.ts";
import type { Snapshot } from "../../../home/view/view.ts";
import type { Context } from "../../terminal/context.ts";
import { interrupted } from "../../terminal/interrupted.ts";
import { scopeOptions } from "../../terminal/options.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand, Options, Outcome } from "../command.ts";
import { folderProject } from "../stack/folder-project.ts";
import { findStack, runningHome } from "../stack/project-stack.ts";
import { shownFolder } from "../stack/stack-place.ts";
import { foldersIn, trafficScope, whichProject } from "./traffic-scope.ts";

export const command: CoveCommand = {
  dashedWords: true,
  doing: () => "asking",
  configure: (command) => {
    scopeOptions(command)
      .argument("[name]", "the recording; without it all are listed")
      .argument("[filter...]", "which exchanges, as cove watch takes it; default: all of this project")
      .option("-d, --detach", "return at once; cove record NAME --stop ends it")
      .option("--stop", "end it")
      .option("--remove", "delete it")
      .option("--keep-credentials", "don't hide tokens, passwords and cookies in it")
      .addHelpText(
        "after",
        "\nStarted again under the same name it goes on with what it has.\n\nExamples:\n  cove record checkout\n" +
          "  cove record checkout web api -d\n  cove record checkout --stop\n  cove mock --from checkout --service api\n" +
          "  cove har --recording checkout > checkout.har",
      );
  },
  run: async (context, [name, ...words], options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const recordings = recordingsOf(home);
    if (name === undefined) return await list(context, recordings);
    const foreign = await isForeign(context, snapshot, recordings, name, options);
    if (foreign !== null) return foreign;
    if (options.stop === true) return told(context, await recordings.stop(name), "stopped");
    if (options.remove === true) return told(context, await recordings.remove(name), "deleted");
    const scope = await trafficScope(context, snapshot, words, options);
    if (isFault(scope)) return scope;
    if (scope.unasked) return await whichProject(context, snapshot, [name, ...words]);
    const wanted = { name, filter: scope.filter, redact: options.keepCredentials !== true };
    const started = await recordings.start(wanted);
    if (isFault(started) || options.detach === true || context.json) return told(context, started, "running");
    context.note(`recording ${name}; Ctrl-C ends it`);
    await interrupted();
    return told(context, await recordings.stop(name), "stopped");
  },
};

/** A recording of another folder's project is left alone, unless that is named. Null: go on. */
async function isForeign(
  context: Context,
  snapshot: Snapshot,
  recordings: RecordingsClient,
  name: string,
  { stack: option, all }: Options,
): Promise<Fault | null> {
  if (all === true) return null;
  const known = await recordings.list();
  if (isFault(known)) return known;
  const folders = foldersIn(known.find((one) => one.name === name)?.filter ?? "");
  const stack = option === undefined ? null : await findStack(context, snapshot, option);
  if (stack !== null && isFault(stack)) return stack;
  const roots = stack === null ? (await folderProject(context.cwd)).roots : [stack.root];
  if (folders.length === 0 || folders.some((folder) => roots.includes(folder))) return null;
  const hint = "name the project, as in: cove record NAME --stop --stack shop; or whichever it is: --all";
  const message = `${name} is a recording of ${folders.map(shownFolder).join(", ")}, not of this folder's project`;
  return fault("STACK_UNKNOWN", message, hint, { folders });
}

function told(context: Context, recording: Recording | Fault, what: string): Outcome {
  if (isFault(recording)) return recording;
  if (context.json) context.printJson({ ...recording });
  else context.print(`${recording.name} is ${what}: ${sizeOf(recording)}`);
  return 0;
}

async function list(context: Context, recordings: RecordingsClient): Promise<Outcome> {
  const all = await recordings.list();
  if (isFault(all)) return all;
  if (context.json) context.printJson({ recordings: all });
  else if (all.length === 0) context.print("no recordings; make one: cove record checkout");
  else {
    const rows = all.map((one) => [
      one.name,
      one.running
        ? context.paint("green", "running")
        : new Date(one.startedAt).toISOString().slice(0, 16).replace("T", " "),
      sizeOf(one),
      context.paint("dim", one.filter === "" ? "all" : filterText(one.filter)),
    ]);
    for (const line of table(rows)) context.print(line);
  }
  return 0;
}

/** A filter as people know it: folders by their short names. */
function filterText(filter: string): string {
  return foldersIn(filter).reduce((text, folder) => text.replace(folder, shownFolder(folder)), filter);
}

function sizeOf({ exchanges, bytes, dropped }: Recording): string {
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const lost = dropped > 0 ? `, ${dropped} came too fast` : "";
  return `${exchanges.toLocaleString("en")} exchange${exchanges === 1 ? "" : "s"}, ${size}${lost}`;
}
