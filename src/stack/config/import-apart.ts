import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Fault, fault, isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import { kindOf } from "../../services/kinds.ts";
import type { CheckedStack } from "./check.ts";
import type { ConfigVariables } from "./config-variables.ts";
import type { Imported } from "./import-process.ts";
import { locateInCode } from "./locate-in-code.ts";
import { type ConfigSource, shownPath } from "./source.ts";

/** A config that was read and checked, whatever language it is in. */
export interface ReadConfig {
  readonly stack: CheckedStack;
  readonly source: ConfigSource;
  readonly variables: ConfigVariables;
}

/**
 * Imports and checks cove.config.ts, .js or .mjs in a process that ends with it: a runner would keep what the config
 * imports, what reads TypeScript and zod for as long as it lives. Faults: CONFIG_INVALID.
 */
export async function importApart(file: string): Promise<ReadConfig | Fault> {
  const imported = await answerOf(file);
  if (isFault(imported)) return imported;
  const { stack, services, text, variables } = imported;
  return {
    stack: {
      ...stack,
      services: services.flatMap((service) => {
        const kind = kindOf(service.kind);
        return kind === undefined ? [] : [{ ...service, kind }];
      }),
    },
    source: { file, text, locate: (path) => locateInCode(text, path) },
    variables,
  };
}

function answerOf(file: string): Promise<Imported | Fault> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(ownProgram("config-import")), [file], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
      serialization: "advanced",
    });
    child.once("message", (answer: Imported | Fault) => resolve(answer));
    child.once("error", (error) => resolve(failed(file, error.message)));
    child.once("close", (code, signal) =>
      resolve(failed(file, `its process ended (${signal ?? `exit code ${code}`})`)),
    );
  });
}

function failed(file: string, why: string): Fault {
  return fault("CONFIG_INVALID", `${shownPath(file)} can't be loaded: ${why}`, "Check what it does", { file });
}
