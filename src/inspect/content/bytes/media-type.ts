/** A Content-Type (RFC 9110 §8.3.1), lower case but for values of parameters. */
export interface MediaType {
  /** `application/json`; empty without one. */
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;

/** Reads it leniently: what can't be read is left out. Also for Content-Disposition, whose form is the same. */
export function parseMediaType(field: string): MediaType {
  const end = field.indexOf(";");
  const type = (end === -1 ? field : field.slice(0, end)).trim().toLowerCase();
  const parameters = new Map<string, string>();
  for (const [, name = "", quoted, bare = ""] of (end === -1 ? "" : field.slice(end)).matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!parameters.has(key)) parameters.set(key, quoted?.replace(/\\(.)/g, "$1") ?? bare);
  }
  return { type, parameters };
}
