import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ExchangeSummary } from "../../src/inspect/summary.ts";
import { coveSandbox } from "../support/cove.ts";
import { ask, eventually } from "../support/door-request.ts";
import { program } from "../support/programs.ts";
import { scratch } from "../support/scratch.ts";

/** What it asks the other service for tells which request it is of. */
const SERVICE = `
import os, random, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import urlopen

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        behind = os.environ.get("NEXT_URL") or os.environ.get("LAST_URL")
        if "of=" in self.path and behind:
            for n in range(3):
                urlopen(behind + "/" + str(n) + "?of=" + self.path.split("of=")[1]).read()
                time.sleep(random.random() / 100)
        self.send_response(200)
        self.send_header("content-length", "4")
        self.end_headers()
        self.wfile.write(b"done")
    def log_message(self, *_): pass

class Server(ThreadingHTTPServer):
    request_queue_size = 128

Server((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
`;

test.skipIf(program("python3") === null)(
  "a chain of Python services is one trace for each request, with many at once",
  { timeout: 120_000 },
  async () => {
    await using sandbox = await coveSandbox();
    const cwd = scratch("chain");
    writeFileSync(join(cwd, "service.py"), SERVICE);
    const command = ["python3", "service.py"];
    const services = {
      last: { command },
      next: { command, needs: ["last"] },
      first: { command, needs: ["next"] },
    };
    writeFileSync(join(cwd, "cove.json"), JSON.stringify({ name: "chain", services }));
    const up = await sandbox.cove(["up", "-d"], { cwd });
    expect([up.code, up.stderr]).toEqual([0, expect.anything()]);
    const get = (path: string) => ask(sandbox.port, "first.chain.localhost", { path });
    await Promise.all(Array.from({ length: 30 }, (_, n) => get(`/?of=r${n}`)));
    const all = await eventually(async () => {
      const { stdout } = await sandbox.cove(["watch", "--no-follow", "--json", "-n", "500"], { cwd });
      const seen = stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as ExchangeSummary]));
      const mine = seen.filter(({ title }) => title.includes("of="));
      return mine.length === 30 * (1 + 3 + 9) && mine.every(({ ms }) => ms !== null) ? mine : undefined;
    }, 60_000);
    const ofSpan = new Map(all.map((one) => [one.spanId, one]));
    const request = ({ title }: ExchangeSummary) => /of=(\w+)/.exec(title)?.[1];
    for (const one of all.filter(({ from }) => from !== "browser")) {
      const parent = ofSpan.get(one.parentId ?? "");
      expect([one.title, one.how, parent?.to, parent && request(parent)]).toEqual([
        one.title,
        expect.stringMatching(/^(exact|header)$/),
        one.from,
        request(one),
      ]);
    }
    const doctor = JSON.parse((await sandbox.cove(["doctor", "--json"], { cwd })).stdout);
    const traces = doctor.checks.filter(({ check }: { check: string }) => check === "traces");
    expect(JSON.stringify(traces)).toMatch(/first in chain: reported by python 3\.\d+/);
  },
);
