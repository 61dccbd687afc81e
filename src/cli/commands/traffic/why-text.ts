import type { Part } from "../../../inspect/why/parts.ts";
import { callsText, ownText } from "../../../inspect/why/sentence.ts";
import type { PathStep, Why } from "../../../inspect/why/why.ts";
import type { Context } from "../../terminal/context.ts";
import { table, terminalRoom, wrap } from "../../terminal/table.ts";
import { spanOf } from "./exchange-line.ts";

/** Parts, and steps of the critical path, that are shown; --json has all. */
const MOST_PARTS = 8;
const MOST_STEPS = 20;

/** Where an exchange's time went, as text: the sentence first. */
export function whyText(context: Context, why: Why): string[] {
  const { paint } = context;
  const { summary, sentence, usually, usual, parts, after, perhaps } = why;
  return [
    paint("bold", summary.title),
    paint("dim", `${summary.edge} in ${summary.stack}, ${spanOf(summary.ms)}`),
    "",
    ...wrap(sentence, terminalRoom()),
    ...(usually === null ? [] : [`${usually}  ${paint("dim", usual === null ? "" : usual.short)}`.trimEnd()]),
    ...headed(context, "where the time went", parts.slice(0, MOST_PARTS).map(partRow), parts.length - MOST_PARTS),
    ...pathText(context, why),
    ...headed(
      context,
      "perhaps of this request, perhaps of another",
      perhaps.map(({ edge, count, ms }) => [spanOf(ms), `${count} of ${edge}`]),
      0,
    ),
    ...headed(
      context,
      "went on after the answer: nobody waited for it",
      after.slice(0, MOST_PARTS).map(({ edge, title }) => [edge, title]),
      after.length - MOST_PARTS,
    ),
  ];
}

function partRow(part: Part): string[] {
  const percent = `${Math.round(part.share * 100)} %`.padStart(5);
  return [spanOf(part.ms).padStart(7), percent, part.kind === "call" ? callsText(part) : ownText(part)];
}

/** One after the other on the critical path; the same again and again in one line. */
function pathText(context: Context, { path, summary }: Why): string[] {
  const runs: { step: PathStep; ms: number; count: number }[] = [];
  for (const step of path) {
    const last = runs.at(-1);
    const ms = step.toMs - step.fromMs;
    if (last !== undefined && last.step.edge === step.edge && last.step.title === step.title) {
      last.ms += ms;
      if (last.step.seq !== step.seq) last.count++;
    } else runs.push({ step, ms, count: 1 });
  }
  if (runs.length <= 1) return [];
  const rows = runs
    .slice(0, MOST_STEPS)
    .map(({ step, ms, count }) => [
      spanOf(ms).padStart(7),
      context.paint("dim", count === 1 ? step.short : `${count} times`),
      step.edge,
      step.seq === summary.seq ? context.paint("dim", "its own") : step.title,
    ]);
  return headed(context, "critical path", rows, runs.length - MOST_STEPS);
}

function headed({ paint }: Context, head: string, rows: readonly string[][], more: number): string[] {
  if (rows.length === 0) return [];
  const rest = more > 0 ? [paint("dim", `  … and ${more} more: --json has all`)] : [];
  return ["", paint("dim", head), ...table(rows), ...rest];
}
