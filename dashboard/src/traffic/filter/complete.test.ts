import { expect, test } from "vitest";
import type { Snapshot } from "../../../../src/home/view/view.ts";
import { parseFilter } from "../../../../src/inspect/filter/filter.ts";
import { FILTER_KEYS } from "../../../../src/inspect/filter/filter-keys.ts";
import { accept, complete, hasWord, toggleWord } from "./complete.ts";

const snapshot = {
  stacks: [
    {
      name: "shop",
      root: "/code/my shop",
      services: [{ name: "api" }, { name: "db" }],
      edges: [
        { id: "web→api", from: "web" },
        { id: "api→db", from: "api" },
      ],
    },
  ],
} as unknown as Snapshot;
const options = (text: string, caret = text.length) =>
  complete(text, caret, snapshot).options.map(({ text: option }) => option);

test("a word goes on as a key, a key as a value that is known", () => {
  expect(options("st")).toEqual(["status:", "stack:"]);
  expect(options("orders -st")).toEqual(["-status:", "-stack:"]);
  expect(options("edge:")).toEqual(["edge:web→api", "edge:api→db"]);
  expect(options("edge:db")).toEqual(["edge:api→db"]);
  expect(options("service:a")).toEqual(["service:api"]);
  expect(options("status:4xx,5")).toEqual(["status:4xx,5xx"]);
});

test("what is whole, quoted or unknown gets no advice", () => {
  expect(options("is:slow")).toEqual([]);
  expect(options('"st')).toEqual([]);
  expect(options('"two st')).toEqual([]);
  expect(options("lantern:")).toEqual([]);
});

test("every key that home knows is offered, and every value that is offered can be read", () => {
  for (const key of Object.keys(FILTER_KEYS)) {
    expect(options(key.slice(0, -1))).toContain(`${key}:`);
    for (const filter of options(`${key}:`)) expect(parseFilter(filter)).toHaveProperty("terms");
  }
});

test("a choice replaces the word at the caret and nothing else", () => {
  const text = "stat path:/orders";
  const found = complete(text, 2, snapshot);
  expect(accept(text, found, { text: "status:", says: "" })).toEqual({ text: "status: path:/orders", caret: 7 });
  const value = complete("is:sl ", 5, snapshot);
  expect(accept("is:sl x", value, { text: "is:slow", says: "" })).toEqual({ text: "is:slow x", caret: 8 });
});

test("chips put words in and take them out", () => {
  expect(toggleWord("orders", "is:slow")).toBe("orders is:slow");
  expect(toggleWord("orders  is:slow", "is:slow")).toBe("orders");
  expect(hasWord("orders is:slow", "is:slow")).toBe(true);
  expect(hasWord("is:slower", "is:slow")).toBe(false);
});
