import { expect, test } from "vitest";
import { queue } from "./queue.ts";

test("what was put first is taken first, over any number of items", () => {
  const numbers = queue<number>();
  let next = 0;
  for (let n = 0; n < 10_000; n++) {
    numbers.put(n);
    if (n % 3 !== 0) expect(numbers.take()).toBe(next++);
  }
  expect(numbers.size()).toBe(10_000 - next);
  while (numbers.size() > 0) expect(numbers.take()).toBe(next++);
  expect(numbers.take()).toBeUndefined();
  expect(numbers.first()).toBeUndefined();
});

test("one that is put back is the next one", () => {
  const letters = queue<string>();
  for (const letter of ["a", "b"]) letters.put(letter);
  letters.unshift("0");
  expect(letters.take()).toBe("0");
  expect(letters.take()).toBe("a");
  letters.unshift("a");
  expect([letters.take(), letters.take(), letters.size()]).toEqual(["a", "b", 0]);
});

test("says when there are more in it than there should be", () => {
  const two = queue<number>(2);
  expect([two.put(1), two.put(2), two.put(3)]).toEqual([true, true, false]);
  expect([two.take(), two.put(4), two.take(), two.put(5)]).toEqual([1, false, 2, false]);
  two.take();
  expect([two.put(6), two.size()]).toEqual([false, 3]);
  two.clear();
  expect([two.size(), two.put(7)]).toEqual([0, true]);
});
