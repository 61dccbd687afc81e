import { expect, test } from "vitest";
import { createRoutes } from "../../door/upstream/routes.ts";
import { createNames } from "./names.ts";

test("a name belongs to who had it first; what is below cove.localhost belongs to home alone", () => {
  const names = createNames(createRoutes());
  expect(names.claim("cove.localhost", "home", null)).toBe(true);
  expect(names.claim("shop.localhost", "alias shop", null)).toBe(true);
  for (const name of [
    "cove.localhost",
    "evil.cove.localhost",
    "a.b.cove.localhost",
    "*.cove.localhost",
    "shop.localhost",
  ]) {
    expect([name, names.isFree(name, "alias evil"), names.claim(name, "alias evil", null)]).toEqual([
      name,
      false,
      false,
    ]);
  }
  expect(names.isFree("discove.localhost", "alias evil")).toBe(true);
  expect(names.claim("doctor.cove.localhost", "home", null)).toBe(true);
});
