import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commandNames, type TwoProjects, twoProjects } from "./support/two-projects.ts";

let all: TwoProjects;
beforeAll(async () => {
  all = await twoProjects();
  writeFileSync(join(all.shop, "commute.json"), '[{ "for": 100, "conditions": "slow-3g" }]');
}, 120_000);
afterAll(async () => {
  await all?.[Symbol.asyncDispose]();
}, 120_000);

/** A command line in shop's folder, its exit code, and the keys that its first document has besides `version`. */
type Line = readonly [line: string, code: number, keys: string];

/** Each command of `cove --help` with --json. A new one fails the test until it stands here, and in docs/json.md. */
const LINES: Readonly<Record<string, readonly Line[]>> = {
  status: [
    ["status", 0, "home stacks aliases"],
    ["status --nope", 2, "error"],
  ],
  init: [["init", 1, "error"]],
  up: [["up nope", 1, "error"]],
  run: [["run --name once -- node -e 0", 0, ""]],
  down: [
    ["down --stack nope", 1, "error"],
    ["down blog --all", 2, "error"],
  ],
  logs: [
    ["logs --stack blog", 0, "type at service stream text"],
    ["logs -n 3000", 2, "error"],
  ],
  attach: [["attach web --stack nope", 1, "error"]],
  restart: [
    ["restart web", 0, "stack restarted"],
    ["restart nope", 1, "error"],
  ],
  open: [["open web", 0, "url"]],
  url: [["url web", 0, "url"]],
  env: [
    ["env web", 0, "services"],
    ["env web --export", 0, "export"],
    ["env nope", 1, "error"],
  ],
  claim: [["claim", 1, "error"]],
  serve: [["serve nowhere --port 0", 2, "error"]],
  mock: [["mock --from nothing", 1, "error"]],
  postgres: [["postgres --port 0", 2, "error"]],
  alias: [
    ["alias", 0, "aliases"],
    ["alias other 9", 0, "name names url address"],
    ["alias --remove other", 0, "removed"],
    ["alias --remove other", 1, "error"],
  ],
  trust: [
    ["trust --path", 0, "path"],
    ["trust --suffix com", 2, "error"],
  ],
  untrust: [["untrust --yes", 0, "removed"]],
  lease: [
    ["lease", 0, "leases"],
    ["lease json", 0, "host port project root branch holder fixed createdAt usedAt"],
    ["lease --release json", 0, "released"],
    ["lease x --port 70000", 2, "error"],
  ],
  explain: [
    ["explain WEBPORT", 0, "about title address port cove listeners"],
    ["explain 3000-3010", 0, "about text listeners free"],
  ],
  ports: [
    ["ports", 0, "listeners conflicts seesAllProcesses notes"],
    ["ports --tree --udp -C .", 0, "groups conflicts"],
  ],
  free: [
    ["free 9", 0, "port free holders done left"],
    ["free WEBPORT --yes", 1, "error"],
  ],
  shape: [
    ["shape", 0, "stack edges"],
    ["shape all latency=1", 0, "stack edges"],
    ["shape off", 0, "stack edges"],
    ["shape play commute.json", 0, "stack scenario seed lengthMs edges"],
    ["shape --profiles", 0, "profiles scenarios kinds"],
  ],
  watch: [["watch --no-follow", 0, "type id stack edge at ms title"]],
  show: [["show EXCHANGE", 0, "summary timing http trace"]],
  why: [["why EXCHANGE", 0, "summary sentence usually ms parts path self after perhaps usual"]],
  replay: [["replay EXCHANGE", 0, "before after diff"]],
  curl: [["curl EXCHANGE", 0, "text"]],
  har: [["har -o out.har", 0, "file"]],
  record: [
    ["record", 0, "recordings"],
    ["record two -d", 0, "name filter running startedAt exchanges bytes dropped"],
    ["record two --stop", 0, "name running"],
    ["record two --remove", 0, "name running"],
  ],
  toxiproxy: [["toxiproxy --home --port 0", 0, "url host port"]],
  audit: [["audit --fail-on never", 0, "findings counts firewall seesAllProcesses"]],
  doctor: [["doctor", 0, "checks"]],
  completion: [["completion bash", 0, "shell script"]],
  help: [],
  stop: [["stop", 1, "error"]],
};

/** Keys that would be times by another name. */
const OTHER_NAMES =
  /^(time|since|started|ended|until|duration|length|timestamp)$|(Time|Since|Duration|Seconds|Millis)$/;

/** All times in a document by their names: `at` and `…At` are epoch ms, `ms` and `…Ms` are durations in ms. */
function wrongTimes(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const where = `${path}.${key}`;
    if (typeof inner !== "number") return wrongTimes(inner, where);
    const epoch = inner > 1e12;
    if (/^at$|[a-z]At$/.test(key)) return epoch ? [] : [`${where} = ${inner} is no epoch ms`];
    return epoch || OTHER_NAMES.test(key) ? [`${where} = ${inner} is a time by another name`] : [];
  });
}

describe("--json", () => {
  test("every command is here", async () => {
    expect(Object.keys(LINES).sort()).toEqual((await commandNames(all.sandbox)).sort());
  });

  test.each(Object.entries(LINES))("cove %s answers in the one envelope", { timeout: 60_000 }, async (_, lines) => {
    for (const [line, code, keys] of lines) {
      const words = line.replace("EXCHANGE", all.exchange).replace("WEBPORT", all.webPort).split(" ");
      const answer = await all.sandbox.cove([...words.slice(0, 1), "--json", ...words.slice(1)], { cwd: all.shop });
      expect([line, answer.code, answer.stderr, answer.stdout]).toEqual([line, code, "", expect.anything()]);
      const documents = answer.stdout.split("\n").flatMap((text) => (text === "" ? [] : [JSON.parse(text)]));
      for (const document of documents) {
        expect(document, line).toMatchObject({ version: 1 });
        expect(wrongTimes(document), line).toEqual([]);
        if ("error" in document && code !== 0) {
          expect(document.error).toMatchObject({
            code: expect.stringMatching(/^[A-Z_]+$/),
            message: expect.any(String),
          });
        }
      }
      const wanted = keys === "" ? [] : keys.split(" ");
      expect(Object.keys(documents[0] ?? {}), line).toEqual(expect.arrayContaining(wanted));
    }
  });

  test("streams are lines in it, each with its type", { timeout: 60_000 }, async () => {
    const { sandbox, third, shop } = all;
    const streams: [string[], string, string[]][] = [
      [["up", "--json", "--logs"], third, ["log", "stack"]],
      [["logs", "-f", "--json"], shop, ["log"]],
      [["watch", "--json", "--all"], third, ["exchange"]],
      [["ports", "--watch", "--json"], third, ["listener"]],
    ];
    const started = await Promise.all(streams.map(([args, cwd]) => sandbox.start(args, { cwd })));
    await Promise.all(
      streams.map(([, , types], at) =>
        Promise.all(types.map((type) => started[at]?.waitFor(new RegExp(`"type":"${type}"`)))),
      ),
    );
    await Promise.all(started.map((one) => one.stop()));
    for (const [at, one] of started.entries()) {
      const types = one
        .output()
        .trimEnd()
        .split("\n")
        .map((text) => {
          const document = JSON.parse(text);
          expect(document).toMatchObject({ version: 1, type: expect.any(String) });
          expect(wrongTimes(document)).toEqual([]);
          return document.type;
        });
      expect(types).toEqual(expect.arrayContaining(streams[at]?.[2] ?? []));
    }
  });
});
