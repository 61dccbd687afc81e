import { existsSync } from "node:fs";
import Module from "node:module";
import { dirname, join } from "node:path";
import { current } from "../hooks/context.ts";
import type { FollowedModule } from "../hooks/modules.ts";
import { addPiece, lengthOf } from "../hooks/sockets.ts";
import { keep, kept } from "./patching.ts";

/** What the edited source calls. */
interface Calls {
  /** The query that is sent at the moment. */
  sent: object | null;
  /** Bytes are put to what is sent next: of the query that is sent, else of the one that is under way. */
  readonly made: (socket: unknown, bytes: unknown, underWay: object | null) => void;
}

const CALLS = Symbol.for("cove.trace.postgres");
const SOURCE = `globalThis[Symbol.for("cove.trace.postgres")]`;

const calls: Calls = {
  sent: null,
  made: (socket, bytes, underWay) => {
    const query = calls.sent ?? underWay;
    addPiece(socket, lengthOf(bytes), query === null ? null : kept(query));
  },
};

/**
 * postgres.js 3: its connections are closures, which join what they send for several queries. Its two functions that send get
 * a call each.
 */
export const postgresJs: readonly FollowedModule[] = [
  {
    library: "postgres",
    path: /^postgres\/cjs\/src\/query\.js$/,
    patch: (exports) => {
      const module = exports as { Query: new (...args: never[]) => object };
      const { Query } = module;
      module.Query = class extends Query {
        constructor(...args: never[]) {
          super(...args);
          keep(this, current());
        }
      };
    },
  },
  {
    library: "postgres",
    path: /^postgres\/cjs\/src\/connection\.js$/,
    edit: (source) => {
      const edited = source
        .replace(
          /function execute\(q\) \{/,
          `function execute(q) { const calls = ${SOURCE}, before = calls.sent; calls.sent = q; try { return coveExecute(q) } finally { calls.sent = before } }\n  function coveExecute(q) {`,
        )
        .replace(/function write\(x, fn\) \{/, `$& ${SOURCE}.made(socket, x, query);`);
      if (edited.split(SOURCE).length !== 3) return source;
      (globalThis as { [CALLS]?: Calls })[CALLS] = calls;
      return edited;
    },
  },
];

/** `import` of it gets what `require` gets: that is the same, and can be followed. */
export function importPostgresAsCommonJs(): void {
  if (!isInstalled()) return;
  const { registerHooks } = Module as { registerHooks?: typeof Module.registerHooks };
  if (registerHooks === undefined) return registerInThread();
  registerHooks({
    resolve: (specifier, context, next) => {
      const resolved = next(specifier, context);
      return { ...resolved, ...commonJsOf(resolved) };
    },
  });
}

const FILE = /\/node_modules\/postgres\/src\/index\.js$/;

function commonJsOf({ url }: { readonly url: string }): { url: string; format: "commonjs" } | null {
  return FILE.test(url)
    ? { url: url.replace(FILE, "/node_modules/postgres/cjs/src/index.js"), format: "commonjs" }
    : null;
}

/** In older versions hooks are on a thread of their own, which takes 40 ms to start. */
function registerInThread(): void {
  const { register } = Module as { register?: typeof Module.register };
  const text = `export async function resolve(specifier, context, next) {
    const resolved = await next(specifier, context);
    return ${FILE}.test(resolved.url) ? { ...resolved, format: "commonjs", url: resolved.url.replace(${FILE}, "/node_modules/postgres/cjs/src/index.js") } : resolved;
  }`;
  register?.(`data:text/javascript,${encodeURIComponent(text)}`);
}

function isInstalled(): boolean {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "node_modules", "postgres", "cjs"))) return true;
    if (folder === dirname(folder)) return false;
  }
}
