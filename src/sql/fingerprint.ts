const VALUE = 0x3f; // ?
const COMMA = 0x2c;
const SPACE = 0x20;

/** A letter, a digit, an underscore, a dollar sign, or anything beyond ASCII. */
function isWord(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x24 ||
    code >= 0x80
  );
}

/**
 * A number that queries have in common which differ in their values only: in literals, how many of them a list has, spaces,
 * comments, and the case of words. It is taken of every query that is captured: one pass, nothing allocated. `most`: characters
 * that are looked at. Two queries that differ have the same one with a probability of 2^-52.
 */
export function fingerprint(sql: string, most: number): number {
  // FNV-1a, twice, with other beginnings.
  let one = 0x811c9dc5;
  let two = 0x2f0b4c47;
  let last = 0;
  let space = false;
  /** A comma after a value: it counts unless another value follows. */
  let comma = false;

  const add = (code: number) => {
    one = Math.imul(one ^ code, 0x01000193);
    two = Math.imul(two ^ code, 0x01000193) + 1;
    last = code;
  };
  const put = (code: number) => {
    if (comma) {
      comma = false;
      if (code === VALUE) return;
      add(COMMA);
    }
    // A space counts between words only.
    if (space && (isWord(last) || last === VALUE) && (isWord(code) || code === VALUE)) add(SPACE);
    space = false;
    if (code === COMMA && last === VALUE) comma = true;
    else add(code);
  };

  const end = Math.min(sql.length, most);
  for (let at = 0; at < end; ) {
    const code = sql.charCodeAt(at);
    if (code <= SPACE || code === 0x3b) {
      space = true;
      at++;
    } else if (code === 0x27) {
      at = afterQuote(sql, at, end, false);
      put(VALUE);
    } else if (code === 0x2d && sql.charCodeAt(at + 1) === 0x2d) {
      const feed = sql.indexOf("\n", at);
      at = feed === -1 ? end : feed;
      space = true;
    } else if (code === 0x2f && sql.charCodeAt(at + 1) === 0x2a) {
      const close = sql.indexOf("*/", at + 2);
      at = close === -1 ? end : close + 2;
      space = true;
    } else if (code === 0x22) {
      // A quoted name is as it is written.
      const close = sql.indexOf('"', at + 1);
      const to = close === -1 ? end : Math.min(end, close + 1);
      while (at < to) put(sql.charCodeAt(at++));
    } else if (code === 0x24 && !isDigit(sql.charCodeAt(at + 1))) {
      at = afterDollars(sql, at, end);
      put(VALUE);
    } else if (isDigit(code) || (code === 0x24 && isDigit(sql.charCodeAt(at + 1)))) {
      // 1.5e3, $1, 0xff: all that looks like it belongs to it.
      at++;
      while (at < end && (isWord(sql.charCodeAt(at)) || sql.charCodeAt(at) === 0x2e)) at++;
      put(VALUE);
    } else if (isWord(code)) {
      const escapes = (code | 0x20) === 0x65 && sql.charCodeAt(at + 1) === 0x27;
      if (escapes) {
        at = afterQuote(sql, at + 1, end, true);
        put(VALUE);
        continue;
      }
      put(lower(code));
      // The rest of the word goes in as it is: no value begins in it.
      for (at++; at < end; at++) {
        const next = sql.charCodeAt(at);
        if (!isWord(next)) break;
        add(lower(next));
      }
    } else {
      put(code);
      at++;
    }
  }
  return (one >>> 0) * 2 ** 20 + ((two >>> 0) & 0xfffff);
}

function lower(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Behind the quote that ends a string, `''` in it not being one, nor `\'` where it has escapes. */
function afterQuote(sql: string, from: number, end: number, escapes: boolean): number {
  for (let at = from + 1; at < end; at++) {
    const code = sql.charCodeAt(at);
    if (escapes && code === 0x5c) at++;
    else if (code === 0x27) {
      if (sql.charCodeAt(at + 1) !== 0x27) return at + 1;
      at++;
    }
  }
  return end;
}

/** Behind `$tag$ … $tag$`, or behind a lone dollar sign. */
function afterDollars(sql: string, from: number, end: number): number {
  let tag = from + 1;
  while (tag < end && tag - from < 64 && isWord(sql.charCodeAt(tag)) && sql.charCodeAt(tag) !== 0x24) tag++;
  if (sql.charCodeAt(tag) !== 0x24) return from + 1;
  const close = sql.indexOf(sql.slice(from, tag + 1), tag + 1);
  return close === -1 ? end : Math.min(end, close + tag + 1 - from);
}
