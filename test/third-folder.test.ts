import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox } from "./support/cove.ts";
import { commandNames, type TwoProjects, twoProjects } from "./support/two-projects.ts";

let all: TwoProjects;
let sandbox: Sandbox;
beforeAll(async () => {
  all = await twoProjects();
  ({ sandbox } = all);
}, 120_000);
afterAll(async () => {
  await all?.[Symbol.asyncDispose]();
}, 120_000);

/** How a command line ends: its exit code, and what it says. */
type Line = readonly [line: string, code: number, said?: RegExp];

/** What `nothingHere` says: what runs, where, and how to mean it. */
const NOT_HERE =
  /^STACK_UNKNOWN {2}no stack of this folder is up \(.*\)\n.*running: shop in .*cove-shop-\w+, blog in .*cove-blog-\w+; to mean one of them: cove .*--stack (shop|blog)/;

/**
 * Each command of `cove --help`, as it would be typed with another project in mind. A new command fails the test until it
 * stands here.
 */
const LINES: Readonly<Record<string, readonly Line[]>> = {
  status: [["status", 0, /shop/]],
  init: [["init", 1, /found nothing in/]],
  up: [["up --detach nope", 1]],
  run: [["run --name shop -- node -e 0", 0]],
  down: [
    ["down", 1, NOT_HERE],
    ["down web", 1, /no stack web is up/],
  ],
  logs: [
    ["logs", 1, NOT_HERE],
    ["logs web", 1, NOT_HERE],
    ["logs blog", 1, NOT_HERE],
  ],
  attach: [
    ["attach web", 1, NOT_HERE],
    ["attach blog", 1, NOT_HERE],
  ],
  claim: [["claim", 1, NOT_HERE]],
  restart: [
    ["restart", 1, NOT_HERE],
    ["restart web", 1, NOT_HERE],
    ["restart blog", 1, NOT_HERE],
    ["restart blog blog", 1, NOT_HERE],
  ],
  open: [
    ["open --print", 0],
    ["open web --print", 1, NOT_HERE],
    ["open blog --print", 1, NOT_HERE],
  ],
  url: [
    ["url web", 1, NOT_HERE],
    ["url blog", 1, NOT_HERE],
  ],
  env: [
    ["env", 0],
    ["env blog", 1, /has no service blog/],
  ],
  serve: [["serve nowhere --port 0", 2]],
  mock: [["mock --from nothing", 1]],
  postgres: [["postgres --port 0", 2]],
  alias: [
    ["alias", 0, /grafana/],
    ["alias --remove web", 1],
    ["alias web.shop 9", 1, /NAME_TAKEN/],
  ],
  trust: [["trust --path", 0, /root\.pem/]],
  untrust: [["untrust --yes", 0]],
  lease: [
    ["lease tests", 0],
    ["lease --list", 0, /cove-shop/],
    ["lease --release tests", 0],
    ["lease --release tests", 1, /LEASE_UNKNOWN/],
    ["lease --release LEASED", 1, /LEASE_HELD {2}127\.0\.0\.1:\d+ is leased to service:tests of .*cove-shop/],
    ["lease --release WEBPORT", 1, /LEASE_HELD/],
    ["lease --release --stale", 1, /LEASE_UNKNOWN/],
  ],
  explain: [
    ["explain", 0],
    ["explain 3000-3010", 0],
    ["explain WEBPORT", 0, /shop\/web/],
  ],
  ports: [["ports", 0]],
  free: [
    ["free WEBPORT --yes", 1, /PORT_PROTECTED/],
    ["free WEBPORT --yes --force", 1, /PORT_PROTECTED/],
  ],
  shape: [
    ["shape", 1, NOT_HERE],
    ["shape off", 1, NOT_HERE],
    ["shape web→api off", 1, NOT_HERE],
    ["shape all slow-3g", 1, NOT_HERE],
    ["shape play commute.yaml", 1, NOT_HERE],
    ["shape --profiles", 0],
  ],
  watch: [["watch --no-follow -status:500", 0]],
  show: [["show EXCHANGE", 0, /EXCHANGE is of shop in .*cove-shop/]],
  why: [["why EXCHANGE", 0, /EXCHANGE is of shop in .*cove-shop/]],
  replay: [["replay EXCHANGE", 1, /STACK_UNKNOWN {2}EXCHANGE is of shop in .*\n.*cove replay EXCHANGE --stack shop/]],
  curl: [["curl EXCHANGE", 0, /EXCHANGE is of shop in .*cove-shop/]],
  har: [["har -o out.har", 0]],
  record: [
    ["record", 0, /checkout/],
    ["record checkout --stop", 1, /STACK_UNKNOWN {2}checkout is a recording of .*cove-shop/],
    ["record checkout --remove", 1, /STACK_UNKNOWN/],
    ["record checkout -d", 1, /STACK_UNKNOWN/],
  ],
  toxiproxy: [
    ["toxiproxy --home --off", 1, /NOT_CONFIRMED.*\n.*--all/],
    ["toxiproxy --host 0.0.0.0", 1, /BIND_EXPOSED/],
  ],
  audit: [["audit --fail-on never", 0]],
  doctor: [["doctor", 0]],
  stop: [["stop", 1, /NOT_CONFIRMED {2}stacks of other folders run: shop in .*, blog in .*\n.*cove stop --all/]],
  completion: [["completion bash", 0]],
  help: [["help stop", 0]],
};

describe("with two stacks up, in the folder of a third project", () => {
  test("every command is here", async () => {
    const names = await commandNames(sandbox);
    expect(names.length).toBeGreaterThan(20);
    expect(Object.keys(LINES).sort()).toEqual(names.sort());
  });

  test.each(Object.entries(LINES))("cove %s touches neither", { timeout: 60_000 }, async (_, lines) => {
    writeFileSync(join(all.third, "commute.yaml"), "- { for: 1000, conditions: slow-3g }\n");
    const before = await all.fingerprint();
    for (const [line, code, said] of lines) {
      const fill = (text: string) =>
        text.replaceAll("EXCHANGE", all.exchange).replace("LEASED", all.leased).replace("WEBPORT", all.webPort);
      const answer = await sandbox.cove(fill(line).split(" "), { cwd: all.third });
      const output = answer.stderr + answer.stdout;
      expect([line, answer.code, output]).toEqual([line, code, expect.anything()]);
      if (said !== undefined) expect(output, line).toMatch(new RegExp(fill(said.source)));
    }
    expect(await all.fingerprint()).toEqual(before);
  });

  test("it comes and goes without them", { timeout: 60_000 }, async () => {
    const before = await all.fingerprint();
    const here = { cwd: all.third };
    expect((await sandbox.cove(["up", "-d"], here)).code).toBe(0);
    expect((await sandbox.cove(["url", "web"], here)).stdout).toBe(`http://web.shop-2.localhost:${sandbox.port}\n`);
    expect((await sandbox.cove(["restart", "web"], here)).code).toBe(0);
    expect((await sandbox.cove(["shape", "off"], here)).code).toBe(0);
    expect((await sandbox.cove(["watch", "--no-follow"], here)).stdout).toBe("");
    expect((await sandbox.cove(["down"], here)).stdout).toBe("shop-2 is down\n");
    expect((await sandbox.cove(["down"], here)).stderr).toMatch(NOT_HERE);
    expect(await all.fingerprint()).toEqual(before);
  });
});
