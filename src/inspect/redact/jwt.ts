/** A JSON Web Token's head is base64url of `{"` (RFC 7519), at least so many characters. */
const BEGINNING = "eyJ";
const HEAD_LEAST = 9;
/** Parts behind the head: three of a signed one, four of an encrypted one; one more is taken along. */
const PARTS_MOST = 4;

/**
 * Replaces each JSON Web Token, signed or not, or encrypted. It reads every run of base64url once: a regular expression would
 * read it again for each `eyJ` in it.
 */
export function replaceTokens(text: string, replacement: () => string): string {
  let result = "";
  let copied = 0;
  let runEnd = 0;
  for (let at = text.indexOf(BEGINNING); at !== -1; at = text.indexOf(BEGINNING, at)) {
    if (at >= runEnd) runEnd = endOfRun(text, at);
    const begins = at === 0 || !/\w/.test(text[at - 1] as string);
    if (!begins || runEnd - at < HEAD_LEAST || text[runEnd] !== ".") {
      at += BEGINNING.length;
      continue;
    }
    let end = runEnd;
    for (let parts = 0; parts < PARTS_MOST && text[end] === "."; parts++) end = endOfRun(text, end + 1);
    result += text.slice(copied, at) + replacement();
    copied = end;
    at = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
}

/** Where the base64url that begins at `from` ends. */
function endOfRun(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    if (!letter && !(code >= 0x30 && code <= 0x39) && code !== 0x2d && code !== 0x5f) break;
  }
  return at;
}
