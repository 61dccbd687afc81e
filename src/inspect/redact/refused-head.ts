import type { RefusedHead } from "../../capture/exchange.ts";
import { readable } from "../../capture/heads.ts";
import type { Redactor } from "./redactor.ts";
import { HIDDEN } from "./text.ts";

/**
 * Hides credentials in a response head that isn't valid HTTP: its lines may end with a bare LF or CR, its first line may be
 * a field, names may have blanks or controls around them, and a value may go on in the next line.
 */
export function hideInRefusedHead({ text, reason }: RefusedHead, redactor: Redactor): RefusedHead {
  let name = "";
  const lines = text.split(/(\r\n|[\r\n\0])/).map((line, n) => {
    // Every second part is a line's end.
    if (n % 2 === 1 || line === "") return line;
    const goesOn = /^[\t ]/.test(line) && name !== "";
    const colon = line.indexOf(":");
    if (!goesOn && (colon < 1 || /^HTTP\//i.test(line))) {
      name = "";
      return redactor.text(line, true);
    }
    const start = goesOn ? 0 : colon + 1;
    if (!goesOn) name = line.slice(0, colon).replace(/[^!#$%&'*+\-.^_`|~0-9A-Za-z]/g, "");
    const blanks = /^[\t ]*/.exec(line.slice(start))?.[0].length ?? 0;
    // What follows in a Set-Cookie's next line may be a cookie too.
    const field = goesOn && /^set-cookie/i.test(name) ? "cookie" : name;
    return line.slice(0, start + blanks) + redactor.header(field, line.slice(start + blanks));
  });
  return { text: lines.join(""), reason: redactor.text(reason, true) };
}

/** The same for people: bytes beyond ASCII read as UTF-8 where they are. */
export function refusedHeadView(head: RefusedHead, redactor: Redactor): RefusedHead {
  const { text, reason } = hideInRefusedHead(head, redactor);
  return { text: text.includes(HIDDEN) ? text : readable(text), reason };
}
