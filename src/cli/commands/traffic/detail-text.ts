import type { BodyView } from "../../../inspect/content/forms/body-view.ts";
import type { ExchangeDetail, HttpDetail, PostgresDetail } from "../../../inspect/detail.ts";
import type { ExchangeSummary } from "../../../inspect/summary.ts";
import type { Context } from "../../terminal/context.ts";
import { table } from "../../terminal/table.ts";
import { exchangeLines, spanOf } from "./exchange-line.ts";

/** Lines of a body, rows of a result, and messages that are shown; --json has all. */
const MOST_LINES = 200;
const MOST_ROWS = 50;
const LONGEST = 2_000;

/** An exchange as text: who, when, what, and the trace that it stands in. */
export function detailText(context: Context, detail: ExchangeDetail, trace: readonly ExchangeSummary[]): string[] {
  const { summary, timing, http, postgres, redis, redacted } = detail;
  const { paint } = context;
  const process = summary.caller.process;
  const facts: string[][] = [
    ["edge", `${summary.edge}  ${paint("dim", `in ${summary.stack}`)}`],
    [
      "from",
      process === null ? summary.caller.address : `${process.program} (pid ${process.pid}), ${summary.caller.address}`,
    ],
    ["at", new Date(summary.at).toISOString()],
    ["time", phases(timing)],
    ...(summary.error === null ? [] : [["error", paint("red", `${summary.error.code}  ${summary.error.message}`)]]),
    ...(summary.notes.length === 0 ? [] : [["notes", paint("yellow", summary.notes.join(", "))]]),
    ...underText(summary, trace).map((text, n) => [n === 0 ? "under" : "", text]),
    ["id", summary.id],
  ];
  const lines = [
    paint("bold", summary.title),
    "",
    ...table(facts.map(([name = "", value = ""]) => [paint("dim", name), value])),
  ];
  if (http !== null) lines.push(...httpText(context, http));
  if (postgres !== null) lines.push(...postgresText(context, postgres));
  if (redis !== null) lines.push("", ...indented([`${redis.command} ${redis.args.join(" ")}`, redis.reply ?? ""]));
  if (trace.length > 1) lines.push(...traceText(context, trace));
  if (redacted > 0) {
    lines.push("", paint("dim", `${redacted} value${redacted === 1 ? " is" : "s are"} hidden: --reveal shows them`));
  }
  return lines;
}

/** What it is under, and how that is known. A guess names all that come into question. */
function underText({ parentId, how, guess }: ExchangeSummary, trace: readonly ExchangeSummary[]): string[] {
  if (how === "none") return [];
  if (how === "exact" && parentId === null) return ["no request, as its sender reports"];
  const named = (spanId: string) => {
    const found = trace.find((one) => one.spanId === spanId);
    return found === undefined ? null : `${found.short} ${found.title}`;
  };
  if (guess === null) {
    const parent = (parentId === null ? null : named(parentId)) ?? "an exchange that isn't kept";
    return [`${parent}, ${BY[how]}`];
  }
  const names = guess.candidates.map(({ spanId, short }) => named(spanId) ?? short);
  const head = guess.count === 1 ? [] : [`one of ${guess.count} requests that were under way`];
  const perhaps = guess.count === 1 ? [`perhaps ${names.join()}`] : names;
  return [...head, ...perhaps, ...(guess.orNone ? ["or none: the service may have sent it by itself"] : [])];
}

const BY: Readonly<Record<ExchangeSummary["how"], string>> = {
  header: "by its traceparent",
  exact: "as its sender reports",
  alone: "by time: no other request was under way",
  likely: "perhaps",
  none: "",
};

function phases({ queued, connected, firstByte, ended }: ExchangeDetail["timing"]): string {
  const parts = [
    ...(queued === null ? [] : [`waited ${spanOf(queued)}`]),
    ...(connected === null || connected < 0.05 ? [] : [`connected ${spanOf(connected)}`]),
    ...(firstByte === null ? [] : [`first byte ${spanOf(firstByte)}`]),
    ended === null ? "under way" : `whole ${spanOf(ended)}`,
  ];
  return parts.join(", ");
}

function httpText(context: Context, http: HttpDetail): string[] {
  const status = `${http.version} ${http.status ?? "…"} ${http.statusText}`.trim();
  return [
    ...headText(context, `${http.method} ${http.url}`, http.requestHeaders),
    ...bodyText(context, http.request),
    ...(http.responseHeaders === null ? [] : headText(context, status, http.responseHeaders)),
    ...refusedText(context, http.refusedHead),
    ...bodyText(context, http.response),
    ...messagesText(context, http.messages),
  ];
}

function refusedText({ paint }: Context, head: HttpDetail["refusedHead"]): string[] {
  if (head === null) return [];
  const lines = head.text.trimEnd().split(/\r?\n/);
  return ["", paint("red", `refused response head: ${head.reason}`), ...indented(lines)];
}

function headText({ paint }: Context, first: string, headers: readonly (readonly [string, string])[]): string[] {
  return ["", paint("bold", first), ...headers.map(([name, value]) => `  ${paint("cyan", name)}: ${value}`)];
}

function bodyText({ paint }: Context, body: BodyView | null): string[] {
  if (body === null || body.size === 0) return [];
  const size = `${body.size.toLocaleString("en")} bytes${body.coding === null ? "" : `, ${body.coding}`}`;
  if (body.text === null) return ["", paint("dim", `  ${body.type || body.form}, ${size}`)];
  const lines = body.text.split("\n");
  const more = lines.length - MOST_LINES;
  return [
    "",
    ...indented(lines.slice(0, MOST_LINES)),
    ...(more > 0 ? [paint("dim", `  … ${more} more lines: --json has all`)] : []),
    ...(body.cut ? [paint("dim", `  … cut: ${body.kept.toLocaleString("en")} of ${size} were kept`)] : []),
  ];
}

function messagesText({ paint }: Context, messages: HttpDetail["messages"]): string[] {
  if (messages === null) return [];
  const shown = messages.kept.slice(-MOST_ROWS);
  return [
    "",
    paint("dim", `${messages.total} messages${shown.length < messages.total ? `, the last ${shown.length}` : ""}`),
    ...table(
      shown.map(({ way, at, kind, size, text }) => [
        paint(way === "up" ? "cyan" : "magenta", way === "up" ? "→" : "←"),
        paint("dim", spanOf(at)),
        text === null ? paint("dim", `${kind}, ${size} bytes`) : cut(oneLine(text)),
      ]),
    ),
  ];
}

function postgresText({ paint }: Context, postgres: PostgresDetail): string[] {
  const { sql, params, columns, rows, rowCount, tag } = postgres;
  const shown = rows.slice(0, MOST_ROWS);
  const values = params.map((value, n) => [
    paint("cyan", `$${n + 1}`),
    value === null ? paint("dim", "null") : oneLine(value),
  ]);
  return [
    "",
    ...indented(sql.split("\n")),
    ...(values.length === 0 ? [] : ["", ...table(values)]),
    ...(shown.length === 0
      ? []
      : [
          "",
          ...table([
            columns.map((name) => paint("bold", name)),
            ...shown.map((row) =>
              row.map((value) => (value === null ? paint("dim", "null") : cut(oneLine(value), 60))),
            ),
          ]),
        ]),
    "",
    paint(
      "dim",
      `  ${tag ?? "no result"}${shown.length > 0 && rowCount > shown.length ? `, the first ${shown.length} rows` : ""}`,
    ),
  ];
}

/** What is sure as a tree, and below it what may belong to it. */
function traceText(context: Context, trace: readonly ExchangeSummary[]): string[] {
  const line = exchangeLines(context);
  const depths = new Map<string, number>();
  const lineOf = (exchange: ExchangeSummary) => {
    const depth = (depths.get(exchange.parentId ?? "") ?? -1) + 1;
    depths.set(exchange.spanId, depth);
    return `  ${line(exchange, depth)}`;
  };
  const guessed = new Set<string>();
  for (const { how, spanId, parentId } of trace)
    if (how === "likely" || (parentId !== null && guessed.has(parentId))) guessed.add(spanId);
  const sure = trace.filter(({ spanId }) => !guessed.has(spanId));
  const guesses = trace.filter(({ spanId }) => guessed.has(spanId));
  const headed = (head: string, lines: string[]) =>
    lines.length === 0 ? [] : ["", context.paint("dim", head), ...lines];
  return [...headed("trace", sure.map(lineOf)), ...headed("perhaps of this trace", guesses.map(lineOf))];
}

const indented = (lines: readonly string[]) => lines.map((line) => `  ${cut(line)}`);
const oneLine = (text: string) => text.replaceAll("\n", "⏎");
const cut = (text: string, most = LONGEST) => (text.length > most ? `${text.slice(0, most)}…` : text);
