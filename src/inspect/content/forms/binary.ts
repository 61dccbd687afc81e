import type { ContentForm } from "./form.ts";

const MOST_BASE64 = 64 * 1024;
const MOST_PREVIEW = 1024;

/** Everything: the first bytes as hex, and as text beside it. */
export const binary: ContentForm = {
  fits: () => true,
  view: ({ bytes, redactor }) => {
    const base64 = redactor.bytes(bytes.subarray(0, MOST_BASE64));
    if (base64 === null) {
      return {
        form: "binary",
        problem: "holds what looks like credentials: its bytes are shown only where they are revealed",
      };
    }
    return { form: "binary", text: hexDump(bytes.subarray(0, MOST_PREVIEW)), base64 };
  },
};

/** As `hexdump -C` prints it. */
function hexDump(bytes: Buffer): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const line = bytes.subarray(at, at + 16);
    const hex = [...line].map((byte, n) => byte.toString(16).padStart(2, "0") + (n === 7 ? " " : "")).join(" ");
    const text = line.toString("latin1").replace(/[^\x20-\x7e]/g, ".");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(48)}  |${text}|`);
  }
  return lines.join("\n");
}
