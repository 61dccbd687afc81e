import { tokenEnd } from "../../redact/json-text.ts";
import type { ContentForm } from "./form.ts";

/** JSON, and several values in a row (NDJSON, RFC 7464's sequences). */
export const json: ContentForm = {
  fits: ({ media: { type } }) => isJson(type),
  view: ({ text, media, whole, redactor }) => {
    const said = text();
    if (said === null) return null;
    const raw = redactor.json(said.replaceAll("\x1e", ""));
    return { form: "json", raw, text: layoutJson(raw), problem: whole ? problemOf(said, media.type) : null };
  },
};

export function isJson(type: string): boolean {
  return /^[\w.-]+\/(?:[\w.-]+\+)?(?:json|json5|ndjson|x-ndjson|jsonl|json-seq|x-json|csp-report)$/.test(type);
}

function problemOf(text: string, type: string): string | null {
  if (/ndjson|jsonl|json-seq/.test(type)) return null;
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `is not JSON: ${(error as Error).message.replace(/[\s\S]*?(?=in JSON|$)/, (lead) => (lead.length > 60 ? "an error " : lead))}`;
  }
}

/** JSON with a line for each value, as it stands otherwise: digits, order, repeated names. It may be cut or broken. */
export function layoutJson(text: string): string {
  const lines: string[] = [];
  let depth = 0;
  let line = "";
  const close = () => {
    lines.push(line);
    line = "  ".repeat(depth);
  };
  let before = "";
  for (let at = 0, end = 0; at < text.length; at = end) {
    end = tokenEnd(text, at);
    const token = text.slice(at, end);
    if (token.trim() === "") continue;
    if (token === "}" || token === "]") {
      depth = Math.max(0, depth - 1);
      if (before !== "{" && before !== "[") close();
    } else if (before === "{" || before === "[") {
      depth = Math.min(depth + 1, MOST_DEPTH);
      close();
    } else if (before === "," || (depth === 0 && before !== "" && before !== ":" && token !== ":" && token !== ","))
      close();
    line += token === ":" ? ": " : token;
    before = token;
    // What an empty pair of brackets opened was never stepped into.
    if ((token === "}" || token === "]") && /[{[]$/.test(line.slice(0, -1))) depth++;
  }
  lines.push(line);
  return lines.join("\n");
}

/** Deeper ones aren't moved in any more: blanks alone would be many times the text. */
const MOST_DEPTH = 40;
