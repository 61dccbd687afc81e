import { expect, test } from "vitest";
import { isFault } from "../fault/fault.ts";
import { parseProfile, readGiven } from "./given.ts";
import { edgesMeant } from "./target.ts";

const edges = [
  { id: "browser→web", from: "browser", to: "web" },
  { id: "web→api", from: "web", to: "api" },
  { id: "jobs→api", from: "jobs", to: "api" },
];

test.each([
  ["web→api", ["web→api"]],
  ["web->api", ["web→api"]],
  ["web:api", ["web→api"]],
  ["api", ["web→api", "jobs→api"]],
  ["all", edges.map(({ id }) => id)],
  ["*", edges.map(({ id }) => id)],
])("%s means %j", (target, ids) => {
  const found = edgesMeant(target, edges);
  expect(isFault(found) ? found : found.map(({ id }) => id)).toEqual(ids);
});

test.each([
  ["apo", "did you mean api?"],
  ["web→apo", "did you mean web→api?"],
  ["zzz", "there are: browser→web, web→api, jobs→api"],
])("%s means nothing: %s", (target, hint) => {
  expect(edgesMeant(target, edges)).toMatchObject({ fault: "SERVICE_UNKNOWN", hint });
});

test("a word is a profile, one's own first; anything else is conditions", () => {
  const own = parseProfile("tunnel", "latency=80");
  if (isFault(own)) throw new Error(own.message);
  expect(readGiven("tunnel", [own])).toMatchObject({ profile: "tunnel", text: "latency=80ms" });
  expect(readGiven("latency=200±50 loss=2%")).toMatchObject({ profile: null, text: "latency=200ms±50ms loss=2%" });
  expect(readGiven("refuse")).toMatchObject({ profile: null, text: "refuse" });
  expect(readGiven("")).toMatchObject({ conditions: [] });
  expect(readGiven("slow3g")).toMatchObject({ fault: "CONDITION_INVALID", hint: "did you mean slow-3g?" });
  expect(readGiven("latncy=3")).toMatchObject({ fault: "CONDITION_INVALID", hint: "did you mean latency?" });
});
