import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { manyListeners } from "./support/many-listeners.ts";
import { program } from "./support/programs.ts";

const SS = program("ss");

interface Row {
  host: string;
  port: number;
  pids: number[];
}

/** `LISTEN 0 1 127.0.0.1:20000 0.0.0.0:* users:(("python3",pid=8,fd=3),("python3",pid=9,fd=3))`, as text that compares. */
function fromSs(): string[] {
  const lines = execFileSync(SS ?? "", ["-H", "-ltnp"], { encoding: "utf8", maxBuffer: 1 << 26 })
    .trim()
    .split("\n");
  return lines.map((line) => {
    const [, , , local = ""] = line.split(/\s+/);
    const colon = local.lastIndexOf(":");
    const host = local
      .slice(0, colon)
      .replace(/^\[|\]$|%.*$/g, "")
      .replace(/^\*$/, "::");
    const pids = [...line.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
    return asText(host, Number(local.slice(colon + 1)), pids);
  });
}

function asText(host: string, port: number, pids: readonly number[]): string {
  return `${host} ${port} ${[...new Set(pids)].sort((a, b) => a - b)}`;
}

test.skipIf(program("python3") === null || SS === null)(
  "cove ports --json agrees with ss on 1,000 listeners of 200 processes",
  { timeout: 60_000 },
  async () => {
    await using sandbox = await coveSandbox();
    await using _ = await manyListeners(200, 5);
    // Other tests' listeners come and go meanwhile: what ss saw both before and after must be there, and nothing else.
    const before = new Set(fromSs());
    const { stdout } = await sandbox.cove(["ports", "--json"]);
    const after = new Set(fromSs());
    const listeners: Row[] = JSON.parse(stdout).listeners;
    const seen = new Set(listeners.map(({ host, port, pids }) => asText(host, port, pids)));
    expect(seen.size).toBeGreaterThanOrEqual(1_000);
    expect([...before].filter((text) => after.has(text) && !seen.has(text))).toEqual([]);
    expect([...seen].filter((text) => !before.has(text) && !after.has(text))).toEqual([]);
  },
);
