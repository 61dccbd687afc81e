/** What a program has done to the terminal that it prints to. */
export interface ScreenModes {
  readonly printed: (bytes: Buffer) => void;
  /** The cursor stands at the start of a line of the usual screen: a line of Cove's own spoils nothing. */
  readonly betweenLines: () => boolean;
  /** It draws on a screen of its own, as editors do. */
  readonly fullScreen: () => boolean;
  /** What undoes it: for a program that ended without doing so, or is put aside. */
  readonly undo: () => string;
  /** What does it again. */
  readonly redo: () => string;
}

/** Modes that are off at first: cursor keys, mouse, focus, other screens, pasting, drawing in one go (xterm's control sequences). */
const OFF_AT_FIRST = [1, 9, 47, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026];
/** And on: lines wrap, the cursor shows. */
const ON_AT_FIRST = [7, 25];
const OTHER_SCREENS = [47, 1047, 1049];

const SIGNS = /\x1b(?:\[\?([\d;]+)([hl])|\[([\d;:]*)m|\[>(\d*)u|\[<(\d*)u|(c))/g;
const UNFINISHED = /\x1b(?:\[[?<>]?[\d;:]{0,40})?$/;

interface State {
  /** Modes that are not as at first. */
  readonly changed: Set<number>;
  /** Colours or weight are on. */
  styled: boolean;
  /** The kitty keyboard protocol: what was pushed and not popped. */
  readonly keyboards: string[];
  rest: string;
  lineStart: boolean;
}

export function screenModes(): ScreenModes {
  const state: State = { changed: new Set(), styled: false, keyboards: [], rest: "", lineStart: true };
  const fullScreen = () => OTHER_SCREENS.some((mode) => state.changed.has(mode));
  const set = (undo: boolean) =>
    [...state.changed].map((mode) => `\x1b[?${mode}${ON_AT_FIRST.includes(mode) === undo ? "h" : "l"}`).join("");
  return {
    printed: (bytes) => read(state, bytes.toString("latin1")),
    betweenLines: () => state.lineStart && !fullScreen(),
    fullScreen,
    undo: () => `${"\x1b[<u".repeat(state.keyboards.length)}${set(true)}${state.styled ? "\x1b[0m" : ""}`,
    redo: () => `${set(false)}${state.keyboards.map((flags) => `\x1b[>${flags}u`).join("")}`,
  };
}

function read(state: State, text: string): void {
  if (text === "") return;
  const last = text.at(-1);
  state.lineStart = last === "\n" || (last === "\r" && state.lineStart);
  if (state.rest === "" && !text.includes("\x1b")) return;
  const all = state.rest + text;
  for (const [, modes, sign, style, pushed, popped, reset] of all.matchAll(SIGNS)) {
    if (modes !== undefined) for (const mode of modes.split(";")) change(state, Number(mode), sign === "h");
    else if (style !== undefined) state.styled = !/^0*$/.test(style);
    else if (pushed !== undefined) state.keyboards.push(pushed);
    else if (popped !== undefined) state.keyboards.splice(-Math.max(1, Number(popped)));
    else if (reset !== undefined) {
      state.changed.clear();
      state.keyboards.length = 0;
    }
  }
  state.rest = UNFINISHED.exec(all.slice(-48))?.[0] ?? "";
}

function change({ changed }: State, mode: number, on: boolean): void {
  const atFirst = ON_AT_FIRST.includes(mode);
  if (!atFirst && !OFF_AT_FIRST.includes(mode)) return;
  if (on === atFirst) changed.delete(mode);
  else changed.add(mode);
}
