/** Builtins that take long to load, and that most of what imports them calls seldom or never. */
const SLOW = [
  "child_process",
  "crypto",
  "fs",
  "http",
  "http2",
  "https",
  "readline/promises",
  "stream/consumers",
  "tls",
  "util",
  "zlib",
];

/**
 * A plugin for rolldown: Node's slow modules are loaded at the first use of something in them. `import … from "node:http"`
 * takes Node 30 ms of a core and 12 MB: it reads all that is exported, and with it comes what Node itself would load on first use
 * (undici, HTTP/2). `util` and `fs` are on the list for the same reason.
 */
export const lazyBuiltins = {
  name: "lazy-builtins",
  resolveId: {
    filter: { id: new RegExp(`^(node:)?(${SLOW.join("|")})$`) },
    handler: (id) => `\0builtin:${id.replace("node:", "")}`,
  },
  load: {
    filter: { id: /^\0builtin:/ },
    handler(id) {
      const name = `node:${id.slice("\0builtin:".length)}`;
      const keys = Object.keys(process.getBuiltinModule(name)).filter((key) => key !== "default");
      // CommonJS: the bundler reads a property of it wherever a name of it is used, and not before.
      return `let builtin;
const load = (key) => (builtin ??= process.getBuiltinModule("${name}"))[key];
module.exports = Object.defineProperties({}, Object.fromEntries(
  ${JSON.stringify(keys)}.map((key) => [key, { enumerable: true, get: () => load(key) }])));`;
    },
  },
};
