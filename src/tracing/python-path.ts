import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ownCopy } from "../own-files/own-files.ts";

/**
 * The PYTHONPATH with which Python programs load Cove's preload, and then what they load anyway; `own`: what they have of it.
 * Python takes the first `sitecustomize` on it, so that it stands in front, and loads the next one itself.
 */
export function tracedPythonPath(own: string | undefined): string {
  const folder = dirname(fileURLToPath(ownCopy("trace-python/sitecustomize.py")));
  return own === undefined || own === "" ? folder : `${folder}${delimiter}${own}`;
}
