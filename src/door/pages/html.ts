import { stripVTControlCharacters } from "node:util";

/** Lines of a log that a page shows at the most, the last ones. */
const LOG_MOST = 40;
/** Characters of one such line. */
const LINE_MOST = 2_000;

/** Text that came from outside, as HTML text or an attribute's value. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Lines of text as one paragraph. */
export function paragraph(text: string, tone?: "soft"): string {
  const lines = escapeHtml(plainText(text)).trim().split("\n");
  return `<p${tone === undefined ? "" : ` class="${tone}"`}>${lines.join("<br>")}</p>`;
}

/** The end of a service's log; nothing where it said nothing yet. */
export function logTail(lines: readonly string[] | undefined): string {
  if (lines === undefined || lines.length === 0) return "";
  const shown = lines.slice(-LOG_MOST).map((line) => escapeHtml(plainText(line).slice(0, LINE_MOST)));
  // Focusable, so that the keyboard can scroll it.
  return `<h2>Last lines of its log</h2><pre class="log" tabindex="0">${shown.join("\n")}</pre>`;
}

/** Commands to run next, one a line. */
export function commands(title: string, ...lines: readonly string[]): string {
  return `<h2>${escapeHtml(title)}</h2><pre>${lines.map((line) => `<i>$ </i>${escapeHtml(line)}`).join("\n")}</pre>`;
}

/** Without colours, and without the control characters that would show as boxes. */
function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
