import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { coveSandbox, type Sandbox } from "./support/cove.ts";
import { scratch } from "./support/scratch.ts";

const HOOK = new URL("./support/list-loaded.mjs", import.meta.url);
const CONTENTS = fileURLToPath(new URL("../dist/.contents.json", import.meta.url));

interface Loaded {
  /** Packages by name, Cove's own modules by path. */
  readonly modules: ReadonlySet<string>;
  /** Files of the bundle. */
  readonly files: readonly string[];
  /** Node's own modules. */
  readonly inside: readonly string[];
}

/** What a command loads until its end. */
async function loadedBy(sandbox: Sandbox, args: string[]): Promise<Loaded> {
  const list = join(scratch("loaded"), "list.json");
  const env = { NODE_OPTIONS: `--import ${HOOK.href}`, COVE_TEST_LOADED: list };
  const { code, stderr } = await sandbox.cove(args, { env });
  expect(code, stderr).toBe(0);
  const { urls, inside } = JSON.parse(readFileSync(list, "utf8")) as { urls: string[]; inside: string[] };
  const contents = JSON.parse(readFileSync(CONTENTS, "utf8")) as Record<string, string[]>;
  const files = urls.filter((url) => url.startsWith("file:") && url.includes("/dist/")).map((url) => basename(url));
  return { modules: new Set(files.flatMap((file) => contents[file] ?? [`not of the bundle: ${file}`])), files, inside };
}

/** Libraries among what was loaded. */
const packages = ({ modules }: Loaded) => [...modules].filter((name) => !name.startsWith("src/"));
/** Node's parts that take long to load. */
const slow = ({ inside }: Loaded) => inside.filter((name) => /^(internal\/deps\/undici|http2$|tls$|https$)/.test(name));

describe("a command loads what it needs, and nothing else", () => {
  test("cove --version", async () => {
    await using sandbox = await coveSandbox();
    const loaded = await loadedBy(sandbox, ["--version"]);
    expect(packages(loaded)).toEqual([]);
    // One of them is what tells that the output can't be written.
    expect(loaded.files.length).toBeLessThanOrEqual(4);
    expect(loaded.inside).not.toContain("http");
  });

  test("cove, cove status --json: no library at all, with a home and without", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const running = await sandbox.start(["run", "--name", "idle", "--", "node", "-e", "setInterval(() => {}, 1000)"]);
    for (let again = 0; again < 2; again++) {
      for (const args of [[], ["--json"], ["status", "--json"]]) {
        const loaded = await loadedBy(sandbox, args);
        expect(packages(loaded), args.join(" ")).toEqual([]);
        expect(slow(loaded), args.join(" ")).toEqual([]);
        expect(loaded.inside).not.toContain("sqlite");
        expect(loaded.files.length).toBeLessThanOrEqual(12);
      }
      await running.stop();
    }
  });

  test("cove run: no option parser, no YAML, nothing of home's", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    const loaded = await loadedBy(sandbox, ["run", "--", "node", "-e", "0"]);
    expect(packages(loaded)).toEqual(["ws"]);
    expect(
      [...loaded.modules].filter((name) => /^src\/(door|toxiproxy|home\/(api|edges|sessions))\//.test(name)),
    ).toEqual([]);
    expect(slow(loaded)).toEqual([]);
  });

  test("every other command: the option parser, and its own", { timeout: 60_000 }, async () => {
    await using sandbox = await coveSandbox();
    for (const args of [["--help"], ["down", "--help"], ["completion", "bash"]]) {
      expect(packages(await loadedBy(sandbox, args)), args.join(" ")).toEqual(["commander"]);
    }
    expect(packages(await loadedBy(sandbox, ["ports", "--json"]))).toEqual([]);
  });
});
