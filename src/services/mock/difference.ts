/** Levels that are looked into. */
const DEEPEST = 200;
/** Characters of a value that are shown. */
const SHOWN = 40;

/** Where two JSON values differ first: `$.items[0].qty is 2 here, 3 there`; null where they are equal. */
export function firstDifference(here: unknown, there: unknown, at = "$", level = 0): string | null {
  if (Object.is(here, there)) return null;
  if (level > DEEPEST) return `${at.slice(0, SHOWN)}… differs far inside`;
  if (Array.isArray(here) && Array.isArray(there)) {
    for (let n = 0; n < Math.max(here.length, there.length); n++) {
      if (n >= here.length) return `${at}[${n}] is there, not here`;
      if (n >= there.length) return `${at}[${n}] is here, not there`;
      const found = firstDifference(here[n], there[n], `${at}[${n}]`, level + 1);
      if (found !== null) return found;
    }
    return null;
  }
  if (isObject(here) && isObject(there)) {
    for (const name of new Set([...Object.keys(here), ...Object.keys(there)])) {
      if (!(name in here)) return `${at}.${name} is there, not here`;
      if (!(name in there)) return `${at}.${name} is here, not there`;
      const found = firstDifference(here[name], there[name], `${at}.${name}`, level + 1);
      if (found !== null) return found;
    }
    return null;
  }
  return `${at} is ${shown(here)} here, ${shown(there)} there`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}
