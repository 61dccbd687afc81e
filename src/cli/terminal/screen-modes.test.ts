import { expect, test } from "vitest";
import { screenModes } from "./screen-modes.ts";

function after(...pieces: string[]) {
  const screen = screenModes();
  for (const piece of pieces) screen.printed(Buffer.from(piece));
  return screen;
}

test.each([
  ["nothing was changed", ["hello\r\n"], "", ""],
  ["another screen, and no cursor", ["\x1b[?1049h\x1b[?25l"], "\x1b[?1049l\x1b[?25h", "\x1b[?1049h\x1b[?25l"],
  ["undone by the program", ["\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"], "", ""],
  ["several in one", ["\x1b[?1000;1006h"], "\x1b[?1000l\x1b[?1006l", "\x1b[?1000h\x1b[?1006h"],
  ["cut in two", ["\x1b[?20", "04h"], "\x1b[?2004l", "\x1b[?2004h"],
  ["a colour that is left", ["\x1b[31mred"], "\x1b[0m", ""],
  ["a colour that isn't", ["\x1b[31mred\x1b[m"], "", ""],
  ["the kitty keyboard", ["\x1b[>1u"], "\x1b[<u", "\x1b[>1u"],
  ["and back", ["\x1b[>1u\x1b[<u"], "", ""],
  ["a reset of all", ["\x1b[?1049h\x1bc"], "", ""],
])("%s", (_, pieces, undo, redo) => {
  const screen = after(...pieces);
  expect(screen.undo()).toBe(undo);
  expect(screen.redo()).toBe(redo);
});

test("a line of Cove's own has its place between lines of the usual screen", () => {
  expect(after("").betweenLines()).toBe(true);
  expect(after("name? ").betweenLines()).toBe(false);
  expect(after("name? ", "ann\r\n").betweenLines()).toBe(true);
  expect(after("\x1b[?1049h", "text\r\n").betweenLines()).toBe(false);
});
