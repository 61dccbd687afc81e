import { expect, test } from "vitest";
import type { ServiceView, Snapshot } from "../../../src/home/view/view.ts";
import { changes } from "./changes.ts";

const snapshot = (...stacks: [string, Partial<ServiceView>[]][]) =>
  ({ stacks: stacks.map(([name, services]) => ({ id: name, name, services })) }) as unknown as Snapshot;

test("a change of state is a sentence, with the cause of a failure", () => {
  const before = snapshot([
    "shop",
    [
      { name: "api", state: "starting" },
      { name: "db", state: "ready" },
    ],
  ]);
  const cause = { fault: "CRASH_LOOP", message: "api crashed 8 times in a row" };
  expect(
    changes(
      before,
      snapshot([
        "shop",
        [
          { name: "api", state: "ready" },
          { name: "db", state: "ready" },
        ],
      ]),
    ),
  ).toEqual(["api of shop is ready"]);
  expect(
    changes(
      before,
      snapshot([
        "shop",
        [
          { name: "api", state: "failed", cause },
          { name: "db", state: "ready" },
        ],
      ]),
    ),
  ).toEqual(["api of shop has failed: api crashed 8 times in a row"]);
});

test("stacks come and go; counters alone say nothing", () => {
  const shop = snapshot(["shop", [{ name: "api", state: "ready" }]]);
  expect(changes(shop, shop)).toEqual([]);
  expect(changes(snapshot(), shop)).toEqual(["shop is up"]);
  expect(changes(shop, snapshot())).toEqual(["shop has ended"]);
});
