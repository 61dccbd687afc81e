import type { ServiceView, StackView } from "../../../home/view/view.ts";
import { printable } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { duration, table } from "../../terminal/table.ts";
import { stackPlace } from "./stack-place.ts";
import { stateText } from "./state-text.ts";

/** The services of a stack, a line each, and under a failed one the cause and the next step. */
export function stackTable(context: Context, services: readonly ServiceView[]): string[] {
  const rows = table(services.map((service) => serviceRow(context, service)));
  return rows.flatMap((row, index) => {
    const cause = services[index]?.cause;
    if (cause === undefined || cause === null) return [row];
    const lines = printable(cause.message, "drop")
      .split("\n")
      .map((line) => `      ${line}`);
    return [row, ...lines, ...(cause.hint === undefined ? [] : [context.paint("dim", `      ${cause.hint}`)])];
  });
}

function serviceRow(context: Context, service: ServiceView): string[] {
  const time = service.readyMs === null ? "" : duration(service.readyMs);
  return [
    context.paint("bold", service.name),
    context.paint("dim", service.label),
    stateText(context, service.state),
    context.paint("dim", time),
    service.url ?? "",
  ];
}

/** `shop  ~/code/shop (feature/x)`. */
export function stackHeading(context: Context, stack: StackView): string {
  return `${context.paint("bold", stack.name)}  ${context.paint("dim", stackPlace(stack))}`;
}
