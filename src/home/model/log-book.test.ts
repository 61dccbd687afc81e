import { expect, test } from "vitest";
import type { LogLine } from "../../stack/session/messages.ts";
import { createLogBook, LINES_PER_SERVICE } from "./log-book.ts";

const line = (service: string, time: number, text = `line ${time}`): LogLine => ({
  service,
  stream: "stdout",
  time,
  text,
});

test("only the last lines of a service are kept", () => {
  const book = createLogBook();
  for (let n = 0; n < 5 * LINES_PER_SERVICE; n += 100) {
    book.add(
      "s",
      Array.from({ length: 100 }, (_, i) => line("web", n + i)),
    );
  }
  const kept = book.last("s", "web", 1e9) ?? [];
  expect(kept).toHaveLength(LINES_PER_SERVICE);
  expect(kept.at(-1)?.time).toBe(5 * LINES_PER_SERVICE - 1);
  expect(book.last("s", "web", 2)?.map((one) => one.time)).toEqual([9998, 9999]);
});

test("the lines of several services come in order of time", () => {
  const book = createLogBook();
  book.add("s", [line("web", 1), line("web", 4), line("api", 2), line("api", 3)]);
  expect(book.last("s", null, 3)?.map((one) => one.time)).toEqual([2, 3, 4]);
  expect(book.last("s", "db", 3)).toEqual([]);
  expect(book.last("other", null, 3)).toBeNull();
});

test("a runner that comes back repeats no line", () => {
  const book = createLogBook();
  book.add("s", [line("web", 1), line("web", 2)]);
  book.restore("s", [line("web", 1), line("web", 2), line("web", 3), line("api", 1)]);
  expect(book.last("s", "web", 10)?.map((one) => one.time)).toEqual([1, 2, 3]);
  expect(book.last("s", "api", 10)?.map((one) => one.time)).toEqual([1]);
});

test("home's own lines don't stand for those that a runner has yet to repeat", () => {
  const book = createLogBook();
  book.add("s", [line("web", 1)]);
  book.addOwn("s", [line("web", 5)]);
  book.restore("s", [line("web", 1), line("web", 2), line("web", 3)]);
  expect(book.last("s", null, 10)?.map((one) => one.time)).toEqual([1, 2, 3, 5]);
});

test("the stack that was silent longest is forgotten first", () => {
  const book = createLogBook();
  for (let n = 0; n < 50; n++) book.add(`s${n}`, [line("web", n)]);
  book.add("s0", [line("web", 100)]);
  book.add("new", [line("web", 101)]);
  expect(book.last("s1", null, 1)).toBeNull();
  expect(book.last("s0", null, 1)).toHaveLength(1);
});

test("passwords are hidden and endless lines cut before anyone sees them", () => {
  const book = createLogBook();
  const [url, long] = book.add("s", [line("web", 1, "at postgres://u:pw@h/d"), line("web", 2, "x".repeat(1e6))]);
  expect(url?.text).not.toContain("pw@");
  expect(long?.text.length).toBeLessThan(20_000);
});
