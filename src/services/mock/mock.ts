import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { isFault } from "../../fault/fault.ts";
import { ownProgram } from "../../own-files/own-files.ts";
import { stateFolder } from "../../state/folder.ts";
import type { ServiceKind } from "../kind/kind.ts";

export interface MockOptions {
  /** The recording's name. */
  readonly from: string;
  /** The service of the recording that it stands for. Default: the only one that is in it. */
  readonly service?: string | undefined;
  /** Answers come as late as they did when they were recorded. Default false. */
  readonly timing?: boolean | undefined;
  /** Bodies of requests aren't compared. Default false. */
  readonly anyBody?: boolean | undefined;
}

const schema: z.ZodType<MockOptions> = z.strictObject({
  from: z.string().min(1, { error: "must be a recording's name" }).describe("The name of the recording to answer from"),
  service: z.string().optional().describe("The service of the recording to answer for; default: its only one"),
  timing: z.boolean().optional().describe("Answer as late as was recorded; default false"),
  anyBody: z.boolean().optional().describe("Don't compare the bodies of requests; default false"),
});

/** Answers as a service did while it was recorded. */
export const mock: ServiceKind<MockOptions> = {
  name: "mock",
  schema,
  protocol: () => "http",
  loopbackOnly: true,
  label: ({ from }) => (isArchive(from) ? basename(from) : `recording ${from}`),
  ready: () => ({ type: "tcp" }),
  edgeEnv: async () => ({}),
  launch: async ({ options, cwd, env }) => {
    const { service, timing, anyBody } = options;
    const from = isArchive(options.from) ? resolve(cwd, options.from) : options.from;
    const folder = stateFolder();
    // Read when one is started: no other command waits for it.
    const { mockSource } = await import("./mock-source.ts");
    const source = mockSource({ folder, from, service });
    if (isFault(source)) return source;
    const flags = [...(timing ? ["--timing"] : []), ...(anyBody ? ["--any-body"] : [])];
    const command = [
      process.execPath,
      fileURLToPath(ownProgram("mock-server")),
      folder,
      from,
      "--service",
      source.service,
      ...flags,
    ];
    return { command, cwd, env };
  },
};

function isArchive(from: string): boolean {
  return from.toLowerCase().endsWith(".har");
}
