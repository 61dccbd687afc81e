import { describe, expect, test } from "vitest";
import { doorName, grantBase } from "./grant.ts";

const shop = { base: "shop", granted: null, single: false, services: ["web", "api"] };
const allBut =
  (...taken: string[]) =>
  (name: string) =>
    !taken.includes(name);

describe("a stack's base name", () => {
  test("is the one that it wants when that is free", () => {
    expect(grantBase(shop, allBut())).toBe("shop");
  });
  test("counts on when another stack has it", () => {
    expect(grantBase(shop, allBut("shop.localhost"))).toBe("shop-2");
    expect(grantBase(shop, allBut("shop.localhost", "web.shop-2.localhost"))).toBe("shop-3");
  });
  test("counts on the stack's own label in a worktree", () => {
    const tree = { ...shop, base: "feature-x.shop" };
    expect(grantBase(tree, allBut("web.feature-x.shop.localhost"))).toBe("feature-x.shop-2");
  });
  test("stays what an earlier home granted", () => {
    expect(grantBase({ ...shop, granted: "shop-2" }, allBut())).toBe("shop-2");
    expect(grantBase({ ...shop, granted: "shop-2" }, allBut("shop-2.localhost"))).toBe("shop");
  });
  test("is refused after a hundred", () => {
    expect(grantBase(shop, () => false)).toBeNull();
  });
});

test("names for the door are canonical, and addresses are none", () => {
  expect(doorName("Pay")).toBe("pay.localhost");
  expect(doorName("*.Shop.localhost.")).toBe("*.shop.localhost");
  expect(doorName("shop.test")).toBe("shop.test");
  for (const text of ["", "*", "*.", "a b", "a/b", "127.0.0.1", "1", "[::1]", "a..b", "-a", "x:80", "*.*.a"]) {
    expect(doorName(text), text).toBeNull();
  }
});
