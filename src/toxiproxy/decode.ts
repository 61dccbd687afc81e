import { type ApiError, badBody } from "./problem.ts";

/** What a field takes, by Go's names, which error texts carry. `any` is looked at later. */
type FieldType = "string" | "bool" | "int64" | "int" | "float32" | "any";

interface Meaning {
  readonly string: string;
  readonly bool: boolean;
  readonly int64: number;
  readonly int: number;
  readonly float32: number;
  readonly any: unknown;
}

type Fields = Readonly<Record<string, FieldType>>;
type Decoded<F extends Fields> = { [K in keyof F]?: Meaning[F[K]] };

/** Reads a request's body. Problems: bad request body. */
export function readBody(text: string): { readonly value: unknown } | ApiError {
  if (text.trim() === "") return badBody("EOF");
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return badBody(isCut(text) ? "unexpected EOF" : (error as SyntaxError).message);
  }
}

/** Whether more text could still make it JSON: brackets are open at its end. */
function isCut(text: string): boolean {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"?/gs, "");
  return (bare.match(/[[{]/g)?.length ?? 0) > (bare.match(/[\]}]/g)?.length ?? 0);
}

/**
 * The fields of an object as Toxiproxy takes them: names in whatever case, the last one counts, null and strangers are passed
 * over. `type` and `struct` name it in error texts. Problems: bad request body.
 */
export function readFields<F extends Fields>(
  value: unknown,
  type: string,
  fields: F,
  struct = type.replace(/^.*\./, ""),
): Decoded<F> | ApiError {
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) {
    return badBody(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${type}`);
  }
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  const decoded: Record<string, unknown> = {};
  for (const [key, given] of Object.entries(value)) {
    const name = names.get(key.toLowerCase());
    const wanted = name === undefined ? undefined : fields[name];
    if (name === undefined || wanted === undefined || given === null) continue;
    const unfit = misfit(given, wanted);
    if (unfit !== null) {
      return badBody(`json: cannot unmarshal ${unfit} into Go struct field ${struct}.${name} of type ${wanted}`);
    }
    decoded[name] = given;
  }
  return decoded as Decoded<F>;
}

/** What was given instead, or null: it fits. */
function misfit(given: unknown, wanted: FieldType): string | null {
  if (wanted === "any") return null;
  const is = kindOf(given);
  if (wanted === "string" || wanted === "bool") return is === wanted ? null : is;
  if (is !== "number") return is;
  return wanted === "float32" || Number.isInteger(given) ? null : `number ${String(given)}`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
