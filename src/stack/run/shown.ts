import type { Fault } from "../../fault/fault.ts";
import { hideUrlPasswords } from "../../inspect/redact/text.ts";

/** What stands for a password in a log. */
export const HIDDEN = "••••••";

/**
 * A line of a service as it may be shown. Every line passes here before it is kept, printed, sent to home or repeated in a
 * cause: `cove up --logs`, `cove logs`, the dashboard, `status` and the door's pages show the same.
 */
export function shownLine(text: string): string {
  return hideUrlPasswords(text, HIDDEN);
}

/** The same for a cause, which may repeat what a service or a tool of its said. The same object where nothing is to be hidden. */
export function shownCause<T extends Fault | null>(cause: T): T {
  const text = JSON.stringify(cause);
  return text.includes("://") ? keptIfSame(cause, shown(cause) as T, text) : cause;
}

const keptIfSame = <T>(before: T, after: T, text: string): T => (JSON.stringify(after) === text ? before : after);

function shown(value: unknown): unknown {
  if (typeof value === "string") return shownLine(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, shown(part)]));
}

/** A URL that may go on, before the `@` by which its password is known. */
const UNFINISHED = /[a-z][a-z0-9+.-]*:\/\/[^\s/?#"'<>@]*$/i;
const LONGEST_UNFINISHED = 2_048;
/** How long the beginning of a URL may be held back, ms. */
const HOLD_TIME = 40;
const LONGEST_SCHEME = 32;
const HIDDEN_BYTES = Buffer.from(HIDDEN).toString("latin1");

/** The same for output as it comes, byte by byte; a URL may come in pieces. */
export function shownBytes(send: (bytes: Buffer) => void): (bytes: Buffer) => void {
  /** The last that was sent: a URL may have begun there. */
  let sent = "";
  let held = "";
  let timer: NodeJS.Timeout | undefined;
  const give = (text: string) => {
    if (text === "") return;
    const shownText = hideUrlPasswords(sent + text, HIDDEN_BYTES);
    const fresh = shownText.startsWith(sent) ? shownText.slice(sent.length) : hideUrlPasswords(text, HIDDEN_BYTES);
    sent = (sent + text).slice(-LONGEST_SCHEME);
    send(Buffer.from(fresh, "latin1"));
  };
  return (bytes) => {
    clearTimeout(timer);
    const text = held + bytes.toString("latin1");
    const begun = UNFINISHED.exec((sent + text).slice(-LONGEST_UNFINISHED))?.[0].length ?? 0;
    const ready = text.slice(0, Math.max(0, text.length - begun));
    held = text.slice(ready.length);
    give(ready);
    if (held === "") return;
    timer = setTimeout(() => {
      const late = held;
      held = "";
      give(late);
    }, HOLD_TIME);
  };
}
