import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type Fault, fault, isFault } from "../../../fault/fault.ts";
import { nearest } from "../../../fault/spelling.ts";
import { checkSingle } from "../../../stack/config/check-single.ts";
import { portOption } from "../../terminal/options.ts";
import type { CoveCommand } from "../command.ts";
import { runSingle } from "./single.ts";

export const command: CoveCommand = {
  configure: (command) => {
    command
      .argument("[dir]", "the folder", ".")
      .option("--name <name>", "its name; default: the project's")
      .option("--port <port>", "this port and no other")
      .option("--spa", "answer unknown paths with index.html")
      .addHelpText("after", "\nExamples:\n  cove serve\n  cove serve dist --spa\n  cove serve docs --name handbook");
  },
  run: async (context, [dir = "."], options) => {
    const port = portOption(options.port);
    if (isFault(port)) return port;
    const missing = noFolder(context.cwd, dir);
    if (missing !== null) return missing;
    const service = checkSingle("files", { dir, spa: options.spa === true }, { port });
    if (isFault(service)) return service;
    const name = typeof options.name === "string" ? options.name : undefined;
    return runSingle(context, { service, name, show: "logs" });
  },
};

/** A folder that isn't there, with the one beside it that may be meant. */
function noFolder(cwd: string, dir: string): Fault | null {
  const path = resolve(cwd, dir);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return null;
  if (found !== undefined) {
    return fault(
      "USAGE",
      `${dir} is a file, and cove serve serves folders`,
      `for example: cove serve ${dirname(dir)}`,
      { path },
    );
  }
  const beside = foldersIn(dirname(path));
  const near = nearest(basename(path), beside) ?? "dist";
  return fault("USAGE", `there is no folder ${dir}`, `for example: cove serve ${join(dirname(dir), near)}`, { path });
}

function foldersIn(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  } catch {
    return [];
  }
}
