import type { Leading } from "../../confine/calls/launch.ts";
import type { ServiceInput } from "../plan/streams.ts";
import type { LogLine } from "../session/messages.ts";
import type { OnPiece } from "./lines.ts";

export type OutputStream = "stdout" | "stderr";

/** What a process gets from its starter, and what it gives while it runs. */
export interface ProcessPorts {
  readonly input: ServiceInput;
  readonly line: (stream: LogLine["stream"], text: string) => void;
  /** What isn't a line, or not yet: a prompt, a progress bar. */
  readonly piece?: OnPiece;
  /** The same as it comes, byte by byte. A promise holds its output back until it resolves. */
  readonly bytes: (stream: OutputStream, bytes: Buffer) => Promise<void> | undefined;
  /** Gets lines of Cove's own for the log. */
  readonly note: (text: string) => void;
  /** Where its connects are led. Absent: they go where it says. */
  readonly leading?: Leading | undefined;
}
