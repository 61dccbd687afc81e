import type { BodyDiff, ExchangeDiff, HeaderChange } from "../../../inspect/diff.ts";
import { printableIn } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";

/** Fields that are other each time. */
const ALWAYS = /^(date|traceparent|age|x-request-id|etag)$/i;
/** Lines around a change that are shown, and changed lines at the most. */
const AROUND = 2;
const MOST = 120;

/** What an answer has that the one before hadn't. */
export function diffText(context: Context, said: ExchangeDiff): string[] {
  const diff = printableIn(said);
  const { paint } = context;
  const headers = diff.responseHeaders.filter(({ name }) => !ALWAYS.test(name));
  const body = bodyText(context, diff.responseBody);
  if (diff.status === null && headers.length === 0 && body.length === 0) {
    return ["", paint("dim", "the answers are the same")];
  }
  const status = diff.status === null ? [] : [removed(context, diff.status.before), added(context, diff.status.after)];
  return ["", ...status, ...headers.flatMap((change) => headerText(context, change)), ...body];
}

function headerText(context: Context, { name, before, after }: HeaderChange): string[] {
  return [
    ...(before === null ? [] : [removed(context, `${name}: ${before}`)]),
    ...(after === null ? [] : [added(context, `${name}: ${after}`)]),
  ];
}

function bodyText(context: Context, { same, lines, problem }: BodyDiff): string[] {
  if (same) return [];
  if (problem !== null) return [context.paint("dim", `the bodies differ: ${problem}`)];
  const near = (at: number) =>
    lines.slice(Math.max(0, at - AROUND), at + AROUND + 1).some(({ sign }) => sign !== "same");
  const shown = lines.flatMap(({ sign, text }, at) => {
    if (sign === "removed") return [removed(context, text)];
    if (sign === "added") return [added(context, text)];
    return near(at) ? [`  ${text}`] : [];
  });
  const more = shown.length - MOST;
  return more > 0 ? [...shown.slice(0, MOST), context.paint("dim", `… ${more} more lines`)] : shown;
}

const removed = ({ paint }: Context, text: string) => paint("red", `- ${text}`);
const added = ({ paint }: Context, text: string) => paint("green", `+ ${text}`);
