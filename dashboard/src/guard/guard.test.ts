import { expect, test } from "vitest";
import type { AuditView, GuardView } from "../../../src/home/view/view.ts";
import { refusalGroups } from "./refusals.ts";
import { fixParts, headline, sorted } from "./verdict.ts";

type Refusal = GuardView["refusals"][number];
type Finding = AuditView["findings"][number];

const refusal = (what: string, time: number, more: Partial<Refusal> = {}): Refusal => ({
  ...{ time, since: time, check: "cross-site", service: "shop/api", what, why: "a page of evil.example asked" },
  ...{ peer: { address: "127.0.0.1", uid: 1000 }, hint: null, allow: null, count: 1 },
  ...more,
});

test("what was refused for the same reason is one line, with its first and last time", () => {
  const groups = refusalGroups([
    refusal("POST /cart", 90, { count: 3, since: 80 }),
    refusal("GET /", 70),
    refusal("POST /cart", 60, { peer: { address: "127.0.0.1", uid: 1001 } }),
    refusal("POST /cart", 10, { why: "another reason" }),
  ]);
  expect(groups.map(({ what, count, since, time }) => [what, count, since, time])).toEqual([
    ["POST /cart", 4, 60, 90],
    ["GET /", 1, 70, 70],
    ["POST /cart", 1, 10, 10],
  ]);
  expect(groups[0]?.peers).toEqual(["uid 1000 at 127.0.0.1", "uid 1001 at 127.0.0.1"]);
});

test("who asked is told of a few only", () => {
  const many = Array.from({ length: 50 }, (_, uid) => refusal("POST /cart", uid, { peer: { address: "", uid } }));
  expect(refusalGroups(many)).toMatchObject([{ count: 50, peers: ["uid 0", "uid 1", "uid 2"] }]);
});

const finding = (severity: Finding["severity"], more: Partial<Finding> = {}): Finding => ({
  ...{ rule: "exposed-listener", severity, what: "x", why: "y", fix: "end it: cove free 3000", where: "0.0.0.0:3000" },
  ...more,
});

test("the headline counts what needs something done", () => {
  const audit = (...findings: Finding[]): AuditView => ({
    ...{ findings, firewall: { name: null, state: "unknown" }, looked: { listeners: 1, containers: 0 } },
    seesAllProcesses: true,
  });
  expect(headline(null)).toBe("Running the audit …");
  expect(headline(audit(finding("low"), finding("info")))).toBe("Nothing is open to others");
  expect(headline(audit(finding("critical"), finding("low")))).toBe("1 thing is open to others");
  expect(headline(audit(finding("high"), finding("medium")))).toBe("2 things are open to others");
  expect(sorted([finding("high"), finding("info")]).mild).toHaveLength(1);
});

test("what can be pasted stands apart from the text around it", () => {
  expect(fixParts(finding("high", { command: "cove free 3000" }))).toEqual({
    ...{ before: "end it: ", code: "cove free 3000", after: "" },
  });
  expect(fixParts(finding("high"))).toEqual({ before: "end it: cove free 3000", code: "", after: "" });
});
