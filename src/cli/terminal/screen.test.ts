import { expect, test } from "vitest";
import { screenOf } from "./screen.ts";
import { shownSigns, spinner } from "./signs.ts";

test.each([
  [{ TERM: "xterm" }, { live: true, moves: true, coloured: true }],
  [{ TERM: "dumb" }, { live: true, moves: false, coloured: false }],
  [{ CI: "1" }, { live: true, moves: false, coloured: true }],
  [{ CI: "false" }, { live: true, moves: true, coloured: true }],
  [
    { NO_COLOR: "1", FORCE_COLOR: "1" },
    { live: true, moves: true, coloured: true },
  ],
  [
    { NO_COLOR: "1", CLICOLOR_FORCE: "1" },
    { live: true, moves: true, coloured: false },
  ],
  [
    { TERM: "dumb", FORCE_COLOR: "1" },
    { live: true, moves: false, coloured: true },
  ],
])("a terminal with %j", (env, screen) => {
  expect(screenOf(env, true)).toEqual(screen);
});

test("signs that ASCII doesn't have are said with those that it has", () => {
  expect(shownSigns("web→api  200±50 …", true)).toBe("web->api  200+-50 ...");
  expect(shownSigns("データ", true)).toBe("データ");
  expect(shownSigns("web→api", false)).toBe("web→api");
  expect([0, 1, 2, 3, 4].map((frame) => spinner(frame, true))).toEqual(["-", "\\", "|", "/", "-"]);
});
