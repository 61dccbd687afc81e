import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { program } from "../support/programs.ts";
import { LIBRARIES, type LibraryRow, programOf } from "./rows.ts";
import { askAll, tally, traceService, type Upstream } from "./traced-service.ts";
import { mysqlUpstream, postgresUpstream, redisUpstream } from "./upstreams.ts";

const PACKAGES = [...new Set(LIBRARIES.flatMap(({ packages }) => packages))].sort();
/** What is installed is kept for the next run. */
const FOLDER = join(
  realpathSync(tmpdir()),
  `cove-tracing-${createHash("sha256").update(PACKAGES.join()).digest("hex").slice(0, 8)}`,
);

beforeAll(() => {
  mkdirSync(FOLDER, { recursive: true });
  if (existsSync(join(FOLDER, "installed"))) return;
  writeFileSync(join(FOLDER, "package.json"), JSON.stringify({ private: true }));
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
  execFileSync("npm", ["install", ...flags, ...PACKAGES], { cwd: FOLDER, stdio: "inherit" });
  writeFileSync(join(FOLDER, "installed"), "");
}, 300_000);

/** Nodes that are tried: the one that runs this, or those that COVE_TRACE_NODES names, by their paths. */
const NODES = process.env.COVE_TRACE_NODES?.split(",") ?? [process.execPath];

async function upstreamOf({ upstream }: LibraryRow): Promise<Upstream> {
  if (upstream === "mysql") return await mysqlUpstream(FOLDER);
  return upstream === "postgres" ? await postgresUpstream() : await redisUpstream();
}

test.for(NODES.flatMap((node) => LIBRARIES.map((row) => ({ ...row, node }))))(
  "$name, $node",
  { timeout: 120_000 },
  async (row, { skip }) => {
    skip(row.upstream === "redis" && program("redis-server") === null);
    const { file, text } = programOf(row);
    const name = `${row.name.replace(/\W+/g, "-")}-${file}`;
    writeFileSync(join(FOLDER, name), text);
    const db = await upstreamOf(row);
    const api = await traceService({ command: [row.node, name], cwd: FOLDER, upstreams: { db } });
    expect(await askAll(api.port, "/", 400, 200), api.output()).toBe(0);
    const all = { right: 400 * row.each, wrong: 0, guessed: 0 };
    await expect.poll(() => tally(api.exchanges(), api.found())).toEqual(all);
  },
);
