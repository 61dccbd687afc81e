import type { TerminalSize } from "../../machine/terminals.ts";

/**
 * Where a service's input comes from. `open`: from `cove attach`; it never ends by itself, so that watchers which end with
 * their input go on. `nothing`: it ends at once, as `/dev/null` does. `own`: it is this process's own, for `cove run` in a
 * pipe. `terminal`: from a terminal, which shows its output, too.
 */
export type ServiceInput =
  | { readonly type: "open" }
  | { readonly type: "nothing" }
  | { readonly type: "own" }
  | ({ readonly type: "terminal"; readonly errorsApart: boolean } & TerminalSize);

/** Of a terminal that nobody looks at. */
export const USUAL_SIZE: TerminalSize = { columns: 120, rows: 30 };
