/**
 * Cove's own files: where they are, from source as from the bundle. Every program and every module that is loaded by its
 * place, and not by an import, is named here; the build makes one file in dist/ of each.
 */

/** What the package exports: the subpath of `cove/…`, and its source below src/ (`index` is `cove` itself). */
export const PUBLIC = {
  index: "index",
  config: "stack/config/define",
  relay: "library/relay",
  lease: "library/lease",
  capture: "library/capture",
  vitest: "library/vitest",
} as const;

/** Processes, threads, and modules that are loaded by their place. */
export const PROGRAMS = {
  cli: "cli/main",
  home: "home/main",
  "files-server": "services/files/files-server",
  "mock-server": "services/mock/mock-main",
  "config-import": "stack/config/import-process",
  re2: "text/re2",
  box: "confine/box/box-main",
  "launch-thread": "confine/calls/launch-thread",
  "supervise-thread": "confine/calls/supervise-thread",
  "lookups-thread": "machine/lookups-thread",
  "import-thread": "inspect/har/import-thread",
  "issue-thread": "certificates/issue-thread",
  "looks-thread": "home/looks/looks-thread",
  "telemetry-thread": "telemetry/otlp/decode-thread",
  "store-thread": "inspect/recording/store-thread",
  "without-credentials": "inspect/recording/without-credentials",
} as const;

/** What is loaded in front of other people's Node programs: CommonJS for any Node, so the build makes each by itself. */
export const PRELOADS = {
  preload: "confine/calls/preload",
  "leased-port": "services/command/leased-port",
  "names-preload": "confine/names/names-preload",
} as const;

/** The same of several modules: the build bundles each into one file. */
export const BUNDLED_PRELOADS = {
  trace: "tracing/node/preload",
} as const;

/** What is loaded in front of programs in other languages: copied as it is, by its path in dist/. */
export const COPIES = {
  "leased-port/sitecustomize.py": "services/command/leased-port/sitecustomize.py",
  "names-preload/sitecustomize.py": "confine/names/names-preload/sitecustomize.py",
  "leased-port/leased_port.rb": "services/command/leased-port/leased_port.rb",
  "trace-python/sitecustomize.py": "tracing/python/sitecustomize.py",
  "trace-python/cove_trace/__init__.py": "tracing/python/cove_trace/__init__.py",
  "trace-python/cove_trace/clients.py": "tracing/python/cove_trace/clients.py",
  "trace-python/cove_trace/context.py": "tracing/python/cove_trace/context.py",
  "trace-python/cove_trace/edges.py": "tracing/python/cove_trace/edges.py",
  "trace-python/cove_trace/hooks.py": "tracing/python/cove_trace/hooks.py",
  "trace-python/cove_trace/postgres.py": "tracing/python/cove_trace/postgres.py",
  "trace-python/cove_trace/redis_py.py": "tracing/python/cove_trace/redis_py.py",
  "trace-python/cove_trace/reports.py": "tracing/python/cove_trace/reports.py",
  "trace-python/cove_trace/servers.py": "tracing/python/cove_trace/servers.py",
  "trace-python/cove_trace/threads.py": "tracing/python/cove_trace/threads.py",
  "trace-python/cove_trace/wrapping.py": "tracing/python/cove_trace/wrapping.py",
} as const;

const SOURCES = { ...PUBLIC, ...PROGRAMS };

/** As source, files lie in the folders of src/; built, side by side in dist/. */
const FROM_SOURCE = import.meta.url.endsWith(".ts");
const SRC = new URL("../", import.meta.url);
const PACKAGE = new URL(FROM_SOURCE ? "../../" : "../", import.meta.url);

/** The file of a program, or of a public module. */
export function ownProgram(name: keyof typeof SOURCES): URL {
  return FROM_SOURCE ? new URL(`${SOURCES[name]}.ts`, SRC) : new URL(`./${name}.js`, import.meta.url);
}

export function ownPreload(name: keyof typeof PRELOADS): URL {
  return FROM_SOURCE ? new URL(`${PRELOADS[name]}.cts`, SRC) : new URL(`./${name}.cjs`, import.meta.url);
}

/** There only once it is built, from source too: programs of any Node load it. */
export function ownBundledPreload(name: keyof typeof BUNDLED_PRELOADS): URL {
  return FROM_SOURCE ? new URL(`dist/${name}.cjs`, PACKAGE) : new URL(`./${name}.cjs`, import.meta.url);
}

export function ownCopy(name: keyof typeof COPIES): URL {
  return FROM_SOURCE ? new URL(COPIES[name], SRC) : new URL(`./${name}`, import.meta.url);
}

/** The file that `import … from "cove"` or `"cove/config"` means; null for every other specifier. */
export function ownModule(specifier: string): URL | null {
  const [name, subpath = "index", ...more] = specifier.split("/");
  return name === "cove" && more.length === 0 && Object.hasOwn(PUBLIC, subpath)
    ? ownProgram(subpath as keyof typeof PUBLIC)
    : null;
}

/** A file of the package, by its path from the package's root. */
export function ownFile(path: string): URL {
  return new URL(path, PACKAGE);
}
