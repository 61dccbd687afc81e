import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { finished } from "node:stream/promises";
import { fault, isFault } from "../../../fault/fault.ts";
import { type HarClient, type HarRequest, harOf } from "../../../home/client/har-client.ts";
import type { Context } from "../../terminal/context.ts";
import type { CoveCommand, Outcome } from "../command.ts";
import { runningHome } from "../stack/project-stack.ts";
import { filterOf } from "./filter-words.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[filter...]", "which requests, as cove watch takes it; default: all that are kept")
      .option("-o, --output <file>", "write it there instead of to standard output")
      .option("--recording <name>", "of this recording instead of what is kept")
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
    const wanted = {
      filter: filterOf(words, snapshot),
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
  if (context.json) context.print(JSON.stringify({ file }));
  else context.note(`written to ${file}`);
  return 0;
}

async function importFile(context: Context, har: HarClient, name: string): Promise<Outcome> {
  let archive: unknown;
  try {
    archive = JSON.parse(readFileSync(resolve(context.cwd, name), "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return code === undefined
      ? fault("HAR_INVALID", `${name} is not JSON: ${message}`, "give it a file that a browser's network panel wrote")
      : fault("USAGE", `${name} can't be read: ${message}`, "for example: cove har --import browser.har");
  }
  const answer = await har.import(basename(name), archive);
  if (isFault(answer)) return answer;
  if (context.json) context.print(JSON.stringify(answer));
  else context.print(`${answer.imported} requests are there now; see them: cove watch stack:har --no-follow`);
  return 0;
}
