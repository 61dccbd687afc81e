import type { KeptLog, KeptSpan } from "../../../telemetry/store.ts";
import type { Context } from "../../terminal/context.ts";
import { table } from "../../terminal/table.ts";
import { spanOf } from "./exchange-line.ts";

/** Spans and log lines that are printed; `--json` has all of them. */
const MOST = 100;

/** What services reported in a trace: their spans as a tree, and what they logged. */
export function reportedText(context: Context, spans: readonly KeptSpan[], logs: readonly KeptLog[]): string[] {
  return [
    ...section(context, "reported by services", spanRows(context, spans)),
    ...section(context, "log", logRows(context, logs)),
  ];
}

function section(context: Context, head: string, rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const more = rows.length > MOST ? [context.paint("dim", `  and ${rows.length - MOST} more: --json`)] : [];
  return ["", context.paint("dim", head), ...table(rows.slice(0, MOST)), ...more];
}

function spanRows({ paint }: Context, spans: readonly KeptSpan[]): string[][] {
  const depths = new Map<string, number>();
  return inTree(spans).map(({ spanId, parentId, service, name, ms, failed, message }) => {
    const depth = (depths.get(parentId ?? "") ?? -1) + 1;
    depths.set(spanId, depth);
    const end = failed ? paint("red", message === "" ? "failed" : `failed: ${message}`) : "";
    return [service, `${"  ".repeat(Math.min(depth, 10))}${name}`, paint("dim", spanOf(ms)), end];
  });
}

/** Each with what is under it; by time where that leaves a choice. */
function inTree(spans: readonly KeptSpan[]): KeptSpan[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  const under = Map.groupBy(spans, ({ parentId }) => (parentId !== null && known.has(parentId) ? parentId : ""));
  const found = new Set<KeptSpan>();
  const walk = (span: KeptSpan) => {
    if (found.has(span)) return;
    found.add(span);
    for (const child of under.get(span.spanId) ?? []) walk(child);
  };
  for (const root of under.get("") ?? []) walk(root);
  return [...found];
}

function logRows({ paint }: Context, logs: readonly KeptLog[]): string[][] {
  const first = logs[0]?.at ?? 0;
  return logs.map(({ at, level, service, text }) => {
    const colour = level === "error" || level === "fatal" ? "red" : level === "warn" ? "yellow" : "dim";
    return [paint("dim", `+${spanOf(at - first)}`), paint(colour, level ?? "-"), service, text];
  });
}
