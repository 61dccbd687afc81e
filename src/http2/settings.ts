import type { Frame, FrameFault } from "./frame-reader.ts";
import { DEFAULT_MAX_FRAME, ERROR, MAX_WINDOW, MOST_MAX_FRAME, SETTING } from "./frames.ts";

/** Reads a SETTINGS frame (RFC 9113 §6.5): `take` is told each setting in order, those that nobody knows too. */
export function readSettings(
  { bytes, from, to }: Frame,
  take: (id: number, value: number) => FrameFault | null,
): FrameFault | null {
  for (let at = from; at < to; at += 6) {
    const id = bytes.readUInt16BE(at);
    const value = bytes.readUInt32BE(at + 2);
    const wrong = settingFault(id, value) ?? take(id, value);
    if (wrong !== null) return wrong;
  }
  return null;
}

function settingFault(id: number, value: number): FrameFault | null {
  switch (id) {
    case SETTING.enablePush:
    case SETTING.enableConnect:
      return value > 1 ? { error: ERROR.protocol, reason: "a setting other than 0 and 1" } : null;
    case SETTING.initialWindow:
      return value > MAX_WINDOW ? { error: ERROR.flowControl, reason: "an initial window over 2^31-1" } : null;
    case SETTING.maxFrame:
      if (value >= DEFAULT_MAX_FRAME && value <= MOST_MAX_FRAME) return null;
      return { error: ERROR.protocol, reason: "a largest frame that nobody may set" };
    default:
      return null;
  }
}
