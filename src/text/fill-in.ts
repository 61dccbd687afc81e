/** `${NAME}` and its forms in text, as in a shell (POSIX XCU §2.6.2) and in compose files. */

/** Why a text can't be filled in. */
export interface Gap {
  readonly name: string;
  /** What is wrong: `names ${NAME}, which is set nowhere`. */
  readonly problem: string;
  /** What mends it. */
  readonly hint: string;
}

export interface FillOptions {
  /** Undefined: it isn't set. */
  readonly lookup: (name: string) => string | undefined;
  /** `$NAME` without braces counts as well, as in env files. Default false. */
  readonly bare?: boolean;
  /** Escapes of a double-quoted text: `\n`, `\r`, `\t`, `\\`, `\"`. `\$` is a plain `$` wherever `bare` is true. Default false. */
  readonly escapes?: boolean;
  /** What `${db.host}` means. Absent: it can't stand there. */
  readonly references?: References;
}

/** The services that a text may refer to, and their facts. */
export interface References {
  /** Names with dashes are read as one only where they are a service's: `${a-b.c}` may be `a` with a default. */
  readonly isService: (name: string) => boolean;
  /** Undefined: the service has no such fact. */
  readonly lookup: (service: string, fact: string) => string | undefined;
}

/** `${db.host}` in a text. */
export interface FactReference {
  readonly service: string;
  readonly fact: string;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
/** `db.host`, with what stands behind it: nothing, or a default and its like. */
const FACT = /^([A-Za-z0-9][\w-]*)\.([A-Za-z]\w*)(?=$|:?[-?+])/;
const ESCAPED: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\", '"': '"' };

/**
 * Fills `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?error}`, `${NAME?error}`, `${NAME:+other}` and
 * `${NAME+other}`; with a colon an empty value counts as unset. Defaults may hold references of their own. `$$` is a plain `$`.
 */
export function fillIn(text: string, options: FillOptions): string | Gap {
  if (!/[$\\]/.test(text)) return text;
  const { lookup, bare = false, escapes = false } = options;
  let filled = "";
  for (let at = 0; at < text.length; ) {
    const letter = text[at] ?? "";
    const next = text[at + 1] ?? "";
    if (letter === "\\" && next !== "" && ((escapes && next in ESCAPED) || (bare && next === "$"))) {
      filled += ESCAPED[next] ?? next;
      at += 2;
    } else if (letter === "$" && next === "$") {
      filled += "$";
      at += 2;
    } else if (letter === "$" && next === "{") {
      const reference = referenceAt(text, at, options.references);
      if ("problem" in reference) return reference;
      const value = filledReference(reference, options);
      if (typeof value !== "string") return value;
      filled += value;
      at = reference.end;
    } else if (letter === "$" && bare && nameAt(text, at + 1) !== null) {
      const name = nameAt(text, at + 1) ?? "";
      const value = lookup(name);
      if (value === undefined) return unset(name, `$${name}`);
      filled += value;
      at += 1 + name.length;
    } else {
      filled += letter;
      at++;
    }
  }
  return filled;
}

/**
 * A line for a shell, which resolves what the service's environment has by itself: only what the shell won't know
 * is filled in. `$${` is a plain `${`.
 */
export function fillInLine(
  line: string,
  isKnownToShell: (name: string) => boolean,
  lookup: FillOptions["lookup"],
  references?: References,
): string {
  let filled = "";
  for (let at = 0; at < line.length; ) {
    if (line.startsWith("$${", at)) {
      filled += "${";
      at += 3;
      continue;
    }
    const reference = line.startsWith("${", at) ? referenceAt(line, at, references) : null;
    if (reference !== null && !isGap(reference) && (reference.fact !== undefined || !isKnownToShell(reference.name))) {
      const options = { lookup, ...(references !== undefined && { references }) };
      const isUnknown = reference.fact === undefined && lookup(reference.name) === undefined;
      const value = isUnknown ? null : filledReference(reference, options);
      if (typeof value === "string") {
        filled += value;
        at = reference.end;
        continue;
      }
    }
    filled += line[at++];
  }
  return filled;
}

/** The names that a text refers to with braces, in its defaults too. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(/(\$*)\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].flatMap(([, before = "", name = ""]) =>
    before.length % 2 === 0 ? [name] : [],
  );
}

/** The facts of services that a text refers to, in its defaults too. `${a-b.c}` counts where `a-b` is a service. */
export function factsNamedIn(text: string, isService: References["isService"]): FactReference[] {
  return [...text.matchAll(/(\$*)\$\{([^{}$]*)/g)].flatMap(([, before = "", inner = ""]) => {
    const found = before.length % 2 === 0 ? factIn(inner, isService) : null;
    return found === null ? [] : [{ service: found.service, fact: found.fact }];
  });
}

/** A name without dashes followed by a dot is nothing else: no variable's name has one. */
function factIn(inner: string, isService: References["isService"]): (FactReference & { readonly end: number }) | null {
  const [whole = "", service = "", fact = ""] = FACT.exec(inner) ?? [];
  if (whole === "" || (service.includes("-") && !isService(service))) return null;
  return { service, fact, end: whole.length };
}

export function isGap(result: unknown): result is Gap {
  return typeof result === "object" && result !== null && "problem" in result && "name" in result;
}

interface Reference {
  readonly name: string;
  /** Set where it is a service's: the name is `db.host` then. */
  readonly fact?: FactReference;
  /** `:-`, `-`, `:?`, `?`, `:+`, `+`, or nothing. */
  readonly form: string;
  readonly rest: string;
  /** Behind the closing brace. */
  readonly end: number;
}

function nameAt(text: string, at: number): string | null {
  NAME.lastIndex = at;
  return NAME.exec(text)?.[0] ?? null;
}

function referenceAt(text: string, start: number, references?: References): Reference | Gap {
  const end = closingBrace(text, start + 2);
  const inner = end === -1 ? text.slice(start + 2) : text.slice(start + 2, end);
  const named = end === -1 ? null : factIn(inner, references?.isService ?? (() => false));
  if (named !== null) return factReference(inner, named, end + 1, references);
  const name = nameAt(inner, 0) ?? "";
  const form = /^(?::?[-?+])?/.exec(inner.slice(name.length))?.[0] ?? "";
  const rest = inner.slice(name.length + form.length);
  if (end !== -1 && name !== "" && (form !== "" || rest === "")) return { name, form, rest, end: end + 1 };
  const shown = `\${${inner.slice(0, 40)}${end === -1 ? "" : "}"}`;
  const problem = end === -1 ? `has ${shown} without its closing brace` : `has ${shown}, which names no variable`;
  return { name, problem, hint: "Write $$ for a plain $" };
}

function factReference(
  inner: string,
  { service, fact, end: length }: FactReference & { readonly end: number },
  end: number,
  references: References | undefined,
): Reference | Gap {
  const name = inner.slice(0, length);
  if (references === undefined) {
    const problem = `has \${${name}}, but a service's facts can only stand in a service's env and command lines`;
    return { name, problem, hint: "Move it there, or write $$ for a plain $" };
  }
  const form = /^(?::?[-?+])?/.exec(inner.slice(length))?.[0] ?? "";
  return { name, fact: { service, fact }, form, rest: inner.slice(length + form.length), end };
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith("${", at)) depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

function filledReference({ name, fact, form, rest }: Reference, options: FillOptions): string | Gap {
  const found = fact === undefined ? options.lookup(name) : options.references?.lookup(fact.service, fact.fact);
  const isSet = form.startsWith(":") ? found !== undefined && found !== "" : found !== undefined;
  if (form.endsWith("+")) return isSet ? fillIn(rest, options) : "";
  if (isSet) return found ?? "";
  if (form.endsWith("-")) return fillIn(rest, options);
  if (form === "" && fact !== undefined) return unknownFact(fact);
  if (form === "") return unset(name, `\${${name}}`);
  const error = rest === "" ? null : fillIn(rest, options);
  if (error !== null && typeof error !== "string") return error;
  const problem =
    error === null ? `needs ${name}, which is ${found === "" ? "empty" : "set nowhere"}` : `needs ${name}: ${error}`;
  return { name, problem, hint: `Set ${name}` };
}

function unset(name: string, written: string): Gap {
  return {
    name,
    problem: `names ${written}, which is set nowhere`,
    hint: `Set ${name}, give a default as in \${${name}:-…}, or write $$ for a plain $`,
  };
}

function unknownFact({ service, fact }: FactReference): Gap {
  return {
    name: `${service}.${fact}`,
    problem: `names \${${service}.${fact}}, but ${service} has no ${fact}`,
    hint: `Give a default as in \${${service}.${fact}:-…}`,
  };
}
