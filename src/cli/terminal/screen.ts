/** What the place that Cove writes to can show. */
export interface Screen {
  /** A terminal: someone watches. */
  readonly live: boolean;
  /** Lines can be drawn anew in place, and may move: a terminal that knows how, and not a build server's. */
  readonly moves: boolean;
  readonly coloured: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Empty counts as unset, as no-color.org and its kind have it. */
function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

const OFF = /^(0|false|no|off)$/i;

/**
 * Whether texts are coloured. The first that says something decides: `--color` or `--no-color`, FORCE_COLOR (as Node takes it:
 * 0 means none), NO_COLOR, CLICOLOR_FORCE, CLICOLOR=0, TERM=dumb; else terminals get colours.
 */
export function isColoured(env: Environment, isTerminal: boolean, option?: boolean): boolean {
  if (option !== undefined) return option;
  if (isSet(env.FORCE_COLOR)) return !OFF.test(env.FORCE_COLOR);
  if (isSet(env.NO_COLOR)) return false;
  if (isSet(env.CLICOLOR_FORCE) && env.CLICOLOR_FORCE !== "0") return true;
  if (env.CLICOLOR === "0" || isDumb(env)) return false;
  return isTerminal;
}

/** The terminal prints, and obeys nothing. */
export function isDumb({ TERM }: Environment): boolean {
  return TERM === "dumb";
}

/** Build servers keep what is printed: in their logs nothing can be drawn anew. */
function isBuildServer({ CI }: Environment): boolean {
  return isSet(CI) && !OFF.test(CI);
}

export function screenOf(env: Environment, isTerminal: boolean, option?: boolean): Screen {
  return {
    live: isTerminal,
    moves: isTerminal && !isDumb(env) && !isBuildServer(env),
    coloured: isColoured(env, isTerminal, option),
  };
}
