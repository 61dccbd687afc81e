import { z } from "zod";
import { FAULT_CODES, type FaultCode } from "../../fault/codes.ts";

/**
 * What `cove attach` and a service's runner say to each other. Home passes it on as it is: over the client's own WebSocket, and
 * over the runner's session under a number. Bytes are base64.
 */
const size = { columns: z.number().int().min(1).max(10_000), rows: z.number().int().min(1).max(10_000) };
const bytes = z.base64();

/** At most this much is sent in one `input`, bytes. */
export const INPUT_PIECE = 32 * 1024;

export const consoleRequest = z.discriminatedUnion("type", [
  /** The first. `recent`: what was printed last is wanted, too. Without a size nothing is resized. */
  z.object({ type: z.literal("open"), recent: z.boolean(), size: z.object(size).exactOptional() }),
  z.object({ type: z.literal("input"), data: bytes }),
  z.object({ type: z.literal("resize"), ...size }),
  /** Answered by `taken` once the service has all the input before it. */
  z.object({ type: z.literal("flush") }),
  z.object({ type: z.literal("close") }),
]);
export type ConsoleRequest = z.infer<typeof consoleRequest>;

export const consoleNews = z.discriminatedUnion("type", [
  z.object({ type: z.literal("opened"), terminal: z.boolean() }),
  z.object({ type: z.literal("output"), data: bytes }),
  /** Something of Cove's own: the service has ended, starts again. */
  z.object({ type: z.literal("note"), text: z.string() }),
  /** `ok`: false if some of it was lost, since the service doesn't run, or reads no more. */
  z.object({ type: z.literal("taken"), ok: z.boolean() }),
  /** The last one: why it is over. */
  z.object({
    type: z.literal("over"),
    fault: z.object({
      fault: z.enum(Object.keys(FAULT_CODES) as FaultCode[]),
      message: z.string(),
      hint: z.string().exactOptional(),
    }),
  }),
]);
export type ConsoleNews = z.infer<typeof consoleNews>;
