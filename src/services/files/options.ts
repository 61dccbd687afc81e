import { z } from "zod";

export interface FilesOptions {
  /** Relative to the service's working folder. */
  readonly dir: string;
  /** Answer unknown paths with the folder's index.html, for apps that route in the browser. Default false. */
  readonly spa?: boolean | undefined;
  /** List what is in a folder without an index.html. Default true. */
  readonly listing?: boolean | undefined;
}

export const filesSchema: z.ZodType<FilesOptions> = z.strictObject({
  dir: z.string().min(1, { error: "must be a folder's path" }).describe("The folder, relative to the service's cwd"),
  spa: z
    .boolean()
    .optional()
    .describe("Answer unknown paths with index.html, for apps that route in the browser; default false"),
  listing: z.boolean().optional().describe("List what is in a folder without an index.html; default true"),
});
