import { once } from "node:events";
import { createWriteStream, readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { type HarClient, type HarRequest, harOf } from "../../../home/client/har-client.ts";
import { HAR_MOST } from "../../../inspect/har/limits.ts";
import type { Context } from "../../terminal/context.ts";
import { scopeOptions } from "../../terminal/options.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { filterOf } from "./filter-words.ts";
import { tellScope, trafficScope } from "./traffic-scope.ts";

export const command: CoveCommand = {
  doing: () => "reading exchanges",
  dashedWords: true,
  configure: (command) => {
    scopeOptions(command)
      .argument("[filter...]", "which requests, as cove watch takes it; default: all of this project that are kept")
      .option("-o, --output <file>", "write it there instead of to standard output")
      .option("--recording <name>", "from this recording instead of home's memory")
      .option("--reveal", "with credentials as they are")
      .option("--import <file>", "read an archive instead: its requests are there for show, replay and mock")
      .addHelpText(
        "after",
        "\nExamples:\n  cove har > all.har\n  cove har api status:5xx -o failures.har\n  cove har --import browser.har",
      );
  },
  run: async (context, words, options) => {
    const running = await runningHome();
    if (isFault(running)) return running;
    const { home, snapshot } = running;
    const har = harOf(home);
    if (typeof options.import === "string") return await importFile(context, har, options.import);
    // A recording is named, whichever project it is of; its exchanges stand on edges of their own.
    const scope =
      options.recording === undefined
        ? await trafficScope(context, snapshot, words, options)
        : { filter: filterOf(words, snapshot.stacks), unasked: false };
    if (isFault(scope)) return scope;
    tellScope(context, snapshot, scope);
    const wanted = {
      filter: scope.filter,
      reveal: options.reveal === true,
      ...(typeof options.recording === "string" && { recording: options.recording }),
    };
    const file = typeof options.output === "string" ? resolve(context.cwd, options.output) : null;
    return await exportTo(context, har, wanted, file);
  },
};

async function exportTo(context: Context, har: HarClient, wanted: HarRequest, file: string | null): Promise<Outcome> {
  const archive = await har.export(wanted);
  if (isFault(archive)) return archive;
  if (file === null) {
    for await (const chunk of archive) if (!process.stdout.write(chunk)) await once(process.stdout, "drain");
    return 0;
  }
  try {
    await finished(archive.pipe(createWriteStream(file)));
  } catch (error) {
    return fault("USAGE", `${file} can't be written: ${(error as Error).message}`, "give another file with -o");
  }
  if (context.json) context.printJson({ file });
  else context.note(`written to ${file}`);
  return 0;
}

async function importFile(context: Context, har: HarClient, name: string): Promise<Outcome> {
  const json = readArchive(resolve(context.cwd, name), name);
  if (isFault(json)) return json;
  const answer = await har.import(basename(name), json);
  if (isFault(answer)) return answer;
  if (context.json) {
    context.printJson({ ...answer });
    return 0;
  }
  const { imported, skipped, reasons } = answer;
  context.print(`${imported} requests are there now; see them: cove watch stack:har --no-follow`);
  if (skipped > 0) {
    context.note(`${skipped} left out:`);
    for (const reason of reasons) context.note(`  ${reason}`);
    if (skipped > reasons.length) context.note("  …");
  }
  return 0;
}

/** As bytes: home reads it, in a thread of its own. */
function readArchive(path: string, name: string): Buffer | Fault {
  try {
    // Home would refuse it half-way.
    if (statSync(path).size > HAR_MOST) {
      const message = `${name} has more than ${HAR_MOST / 1024 / 1024} MiB`;
      return fault("HAR_INVALID", message, "export fewer requests, or without bodies");
    }
    return readFileSync(path);
  } catch (error) {
    return fault(
      "USAGE",
      `${name} can't be read: ${(error as Error).message}`,
      "for example: cove har --import browser.har",
    );
  }
}
