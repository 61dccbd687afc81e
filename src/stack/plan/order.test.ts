import { expect, test } from "vitest";
import { isFault } from "../../fault/fault.ts";
import { startOrder } from "./order.ts";

const stack = (needs: Record<string, string[]>) =>
  startOrder(Object.entries(needs).map(([name, list]) => ({ name, needs: list })));

test("services start in waves: what others need comes first, otherwise the given order stays", () => {
  expect(stack({ web: ["api"], docs: [], api: ["db", "cache"], db: [], cache: [] })).toEqual([
    ["docs", "db", "cache"],
    ["api"],
    ["web"],
  ]);
  expect(stack({})).toEqual([]);
});

test("a circle is named as a circle, without those that only hang on it", () => {
  const cycle = stack({ web: ["api"], api: ["auth"], auth: ["mail"], mail: ["api"], db: [] });
  expect(isFault(cycle) && cycle).toEqual({
    fault: "CONFIG_CYCLE",
    message: "services need each other in a circle: api → auth → mail → api",
    hint: 'Take one of these needs out, such as "api" from the needs of mail',
    detail: { circle: ["api", "auth", "mail", "api"] },
  });
});
