import { isAbsolute, join } from "node:path";
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
export type HttpsFacts = z.infer<typeof httpsFacts>;

/** What the config says, with paths from its folder; null where it says nothing. */
export function httpsOf(said: z.infer<typeof httpsOptions> | undefined, dir: string): HttpsFacts | null {
  if (said === undefined) return null;
  const { redirect = false, certificates = [] } = said === "redirect" ? { redirect: true } : said;
  const absolute = (path: string) => (isAbsolute(path) ? path : join(dir, path));
  return {
    redirect,
    certificates: certificates.map(({ cert, key }) => ({ cert: absolute(cert), key: absolute(key) })),
  };
}
