// Holds the order of src/: a folder imports only from folders that stand before it here (ARCHITECTURE.md tells why).
// Types count like values. Folders that share a line don't import each other; tests may open all of their own floor.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const SRC = fileURLToPath(new URL("../src", import.meta.url));

/** From the ground up: a floor, or a floor with the order of its folders (`.` is the floor's own files). */
const FLOORS = [
  "fault",
  "own-files",
  "text",
  "async",
  "address",
  "http1",
  "http2",
  "sql",
  ["machine", "systems", "systems/linux systems/darwin systems/windows", "probe", "."],
  "state",
  ["certificates", ".", "stores", "trust"],
  "lease",
  ["conditions", "time", "kinds", "kinds/loss", ".", "http"],
  "guard",
  ["confine", ".", "calls box names"],
  ["audit", "netfilter", "."],
  ["capture", ".", "websocket", "decoders/postgres decoders/redis", "decoders"],
  ["tracing", ".", "node/hooks", "node/libraries", "node"],
  ["door", "accept", "upstream", "pages relay", "exchange", "http1 http2 tls", "."],
  "toxiproxy",
  ["inspect", "redact", "content/bytes", "content/forms", "content", ".", "filter notes har otlp why", "recording"],
  ["telemetry", ".", "otlp"],
  ["services", "kind", "command files mock postgres", "."],
  ["stack", "config", "session plan", "process", "run", "."],
  "library",
  "ports",
  [
    "home",
    "view",
    "model",
    "looks client",
    "edges exchanges telemetry",
    "names",
    "sessions",
    "api/access",
    "api/routes",
    "api",
    ".",
  ],
  [
    "cli",
    "terminal",
    "commands",
    "commands/init/readers",
    "commands/stack commands/ports commands/init",
    "commands/audit commands/explain commands/free commands/lease commands/shape commands/toxiproxy commands/traffic commands/trust",
    "completion",
    ".",
  ],
  // The public face.
  ".",
];

/** Every folder's place: [floor, room within it]. */
const PLACES = new Map();
FLOORS.forEach((floor, level) => {
  const [name, ...rooms] = [floor].flat();
  if (rooms.length === 0) PLACES.set(name, [level, 0]);
  rooms.forEach((line, room) => {
    for (const folder of line.split(" ")) PLACES.set(folder === "." ? name : `${name}/${folder}`, [level, room]);
  });
});

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

const faults = [];
for (const file of readdirSync(SRC, { recursive: true })) {
  if (!/\.c?ts$/.test(file)) continue;
  const from = dirname(file);
  const place = PLACES.get(from);
  if (place === undefined) {
    faults.push(`src/${file}: scripts/check-floors.mjs doesn't know the folder src/${from}`);
    continue;
  }
  const isTest = /\.(test|fixture)\.ts$/.test(file);
  for (const [, path] of readFileSync(join(SRC, file), "utf8").matchAll(IMPORT)) {
    const to = relative(SRC, dirname(resolve(SRC, from, path))) || ".";
    const target = PLACES.get(to);
    if (to === from || target === undefined) continue;
    const [floor, room] = place;
    const [theirs, theirRoom] = target;
    if (theirs < floor || (theirs === floor && (theirRoom < room || isTest))) continue;
    faults.push(`src/${file}: ${from} stands below ${to}, so it can't import ${path}`);
  }
}

if (faults.length > 0) {
  console.error(faults.sort().join("\n"));
  console.error(`${faults.length} imports point up (scripts/check-floors.mjs has the order).`);
  process.exit(1);
}
