// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { expect, test } from "vitest";
import { expandAll } from "./expand.ts";

const known = { HOME: "/home/ann", PATH: "/bin", EMPTY: "" };

test.each([
  ["${HOME}/x", "/home/ann/x"],
  ["${HOME}:${PATH}", "/home/ann:/bin"],
  ["$HOME", "$HOME"],
  ["${NONE:-4000}", "4000"],
  ["${NONE:-}", ""],
  ["${EMPTY:-full}", "full"],
  ["${EMPTY}", ""],
  ["$${HOME}", "${HOME}"],
  ["${not a name}", "${not a name}"],
  ["100%", "100%"],
])("%s becomes %s", (value, expected) => {
  expect(expandAll({ X: value }, known)).toEqual({ env: { X: expected } });
});

test("an entry may use those before it, and its own former self", () => {
  expect(expandAll({ PATH: "/opt:${PATH}", A: "${PATH}", B: "${A}!" }, known)).toEqual({
    env: { PATH: "/opt:/bin", A: "/opt:/bin", B: "/opt:/bin!" },
  });
});

test("what is set nowhere is named", () => {
  expect(expandAll({ A: "ok", B: "${TYPO}" }, known)).toEqual({ entry: "B", unset: "TYPO" });
});
