import { z } from "zod";

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

export const mockSchema: z.ZodType<MockOptions> = z.strictObject({
  from: z
    .string()
    .min(1, { error: "must be a recording's name" })
    .describe("What to answer from: a recording's name, or an HTTP archive (.har)"),
  service: z.string().optional().describe("The service of the recording to answer for; default: its only one"),
  timing: z.boolean().optional().describe("Answer as late as was recorded; default false"),
  anyBody: z.boolean().optional().describe("Don't compare the bodies of requests; default false"),
});
