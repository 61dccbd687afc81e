import { type Fault, isFault } from "../../../fault/fault.ts";
import { type Recording, type RecordingsClient, recordingsOf } from "../../../home/client/recordings-client.ts";
import type { Context } from "../../terminal/context.ts";
import { interrupted } from "../../terminal/interrupted.ts";
import { table } from "../../terminal/table.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { filterOf } from "./filter-words.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[name]", "the recording; without it all are listed")
      .argument("[filter...]", "which exchanges, as cove watch takes it; default: all")
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
    if (options.stop === true) return told(context, await recordings.stop(name), "stopped");
    if (options.remove === true) return told(context, await recordings.remove(name), "deleted");
    const wanted = { name, filter: filterOf(words, snapshot), redact: options.keepCredentials !== true };
    const started = await recordings.start(wanted);
    if (isFault(started) || options.detach === true || context.json) return told(context, started, "running");
    context.note(`recording ${name}; Ctrl-C ends it`);
    await interrupted();
    return told(context, await recordings.stop(name), "stopped");
  },
};

function told(context: Context, recording: Recording | Fault, what: string): Outcome {
  if (isFault(recording)) return recording;
  if (context.json) context.print(JSON.stringify(recording));
  else context.print(`${recording.name} is ${what}: ${sizeOf(recording)}`);
  return 0;
}

async function list(context: Context, recordings: RecordingsClient): Promise<Outcome> {
  const all = await recordings.list();
  if (isFault(all)) return all;
  if (context.json) context.print(JSON.stringify(all));
  else if (all.length === 0) context.print("no recordings; make one: cove record checkout");
  else {
    const rows = all.map((one) => [
      one.name,
      one.running
        ? context.paint("green", "running")
        : new Date(one.startedAt).toISOString().slice(0, 16).replace("T", " "),
      sizeOf(one),
      context.paint("dim", one.filter === "" ? "all" : one.filter),
    ]);
    for (const line of table(rows)) context.print(line);
  }
  return 0;
}

function sizeOf({ exchanges, bytes, dropped }: Recording): string {
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const lost = dropped > 0 ? `, ${dropped} came too fast` : "";
  return `${exchanges.toLocaleString("en")} exchange${exchanges === 1 ? "" : "s"}, ${size}${lost}`;
}
