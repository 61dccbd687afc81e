/** The version of what `--json` prints. A field that changes its name or meaning raises it; a new field doesn't. */
const JSON_VERSION = 1;

/** What `--json` prints as one line: an object, never a list, and without a `version` of its own. */
export type JsonDocument = Readonly<Record<string, unknown>> & { readonly version?: never };

/** Every document of `--json`, and every line of a stream, begins with the version of its shape. */
export function envelope(document: JsonDocument): object {
  return { version: JSON_VERSION, ...document };
}
