import Module from "node:module";
import { sep } from "node:path";
import type { AnyFunction } from "./context.ts";
import { planReports, report } from "./reports.ts";

/** A module of a library that is followed. */
export interface FollowedModule {
  readonly library: string;
  /** Its path behind `node_modules/`, with slashes. */
  readonly path: RegExp;
  /** Changes its source before it runs. */
  readonly edit?: (source: string) => string;
  /** Changes what it exports. */
  readonly patch?: (exports: unknown) => void;
}

const FOLDER = `node_modules${sep}`;

/** Follows these modules when they are loaded. */
export function followModules(followed: readonly FollowedModule[]): void {
  const prototype = Module.prototype as unknown as { _compile: AnyFunction };
  const { _compile } = prototype;
  prototype._compile = function (this: unknown, ...args) {
    const one = find(followed, args[1]);
    if (one === undefined) return _compile.apply(this, args);
    const [source, ...rest] = args;
    const result = _compile.call(this, edited(one, source), ...rest);
    try {
      one.patch?.((this as { exports: unknown }).exports);
      noteLibrary(one.library);
    } catch {
      // Another version: it stays as it is.
    }
    return result;
  };
}

function find(followed: readonly FollowedModule[], file: unknown): FollowedModule | undefined {
  if (typeof file !== "string") return undefined;
  const at = file.lastIndexOf(FOLDER);
  if (at === -1) return undefined;
  const path = file.slice(at + FOLDER.length).replaceAll("\\", "/");
  return followed.find((one) => one.path.test(path));
}

function edited({ edit }: FollowedModule, source: unknown): unknown {
  if (edit === undefined || typeof source !== "string") return source;
  try {
    return edit(source);
  } catch {
    return source;
  }
}

const noted = new Set<string>();

function noteLibrary(library: string): void {
  if (noted.has(library)) return;
  noted.add(library);
  report(`l ${process.pid} ${library}`);
  planReports();
}
