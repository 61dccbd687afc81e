import type { ServiceView } from "../../../home/view/view.ts";
import type { Context } from "../../terminal/context.ts";
import { spinner } from "../../terminal/signs.ts";
import { duration, table } from "../../terminal/table.ts";
import { stateText } from "./state-text.ts";

/** Services on their way up, a line each; `frame` moves the mark of those that start. */
export function startRows(
  context: Context,
  services: readonly Pick<ServiceView, "name" | "label" | "state" | "readyMs">[],
  frame: number,
): string[] {
  const spin = spinner(frame);
  return table(
    services.map(({ name, label, state, readyMs }) => [
      state === "starting" || state === "restarting" ? context.paint("yellow", spin) : " ",
      name,
      context.paint("dim", label),
      stateText(context, state),
      readyMs === null ? "" : duration(readyMs),
    ]),
    "",
  );
}
