import { z } from "zod";

/**
 * As much of HAR 1.2 as an exchange is made of, as Chrome, Firefox, Safari, mitmproxy and Charles write it: what some leave
 * out or set to null may be missing here.
 */
const text = z.string().nullish();
const number = z.number().nullish();
/** Some write numbers. No list: a deep one as text would take the stack. */
const loose = z.union([z.string(), z.number(), z.boolean(), z.null()], { error: "must be a text" }).transform(String);
const fields = z.array(z.object({ name: z.string(), value: loose })).nullish();
const phases = z.object({ blocked: number, dns: number, connect: number, send: number, wait: number }).nullish();

/** One entry of an archive. */
export const harEntry = z.object({
  startedDateTime: z
    .string()
    .refine((said) => !Number.isNaN(Date.parse(said)), { error: "must be a time in ISO 8601" }),
  time: number,
  request: z.object({
    method: z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/, { error: "must be a method such as GET" }),
    url: z.string().refine(isWebAddress, { error: "must be a whole URL such as http://host/path" }),
    httpVersion: text,
    headers: fields,
    postData: z
      .object({
        mimeType: text,
        text,
        _encoding: text,
        encoding: text,
        params: z.array(z.object({ name: z.string(), value: text, fileName: text, contentType: text })).nullish(),
      })
      .nullish(),
  }),
  response: z
    .object({
      status: number,
      statusText: text,
      headers: fields,
      content: z.object({ size: number, mimeType: text, text, encoding: text }).nullish(),
      _error: text,
      _refusedHead: z.object({ text: z.string(), reason: z.string() }).nullish(),
    })
    .nullish(),
  timings: phases,
  comment: text,
  _webSocketMessages: z.array(z.object({ type: z.string(), time: z.number(), opcode: number, data: loose })).nullish(),
});
export type HarEntry = z.infer<typeof harEntry>;

function isWebAddress(said: string): boolean {
  return /^(?:https?|wss?):$/.test(URL.parse(said)?.protocol ?? "");
}
