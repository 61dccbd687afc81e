import { z } from "zod";

const certificate = z
  .strictObject({
    cert: z.string().min(1).describe("A PEM file: the certificate, then those that it was signed with"),
    key: z.string().min(1).describe("A PEM file: its private key, without a passphrase"),
  })
  .describe("A certificate of your own, for the names that it holds; paths are relative to the config");

const options = z.strictObject({
  redirect: z.boolean().optional().describe("Sends requests by http to https. Default false: both are answered"),
  certificates: z
    .array(certificate)
    .optional()
    .describe("Used instead of Cove's own for the names that they hold. Default none"),
});

/** What a stack says of https: `redirect` in short, or an object. */
export const httpsOptions = z.union([z.literal("redirect"), options], {
  error: 'must be "redirect", or an object with redirect and certificates',
});

/** As the door uses it; paths are absolute. */
export const httpsFacts = z.object({
  redirect: z.boolean(),
  certificates: z.array(z.object({ cert: z.string(), key: z.string() })).readonly(),
});
/** As the config has it. */
export type HttpsOptions = z.infer<typeof httpsOptions>;
export type HttpsFacts = z.infer<typeof httpsFacts>;
