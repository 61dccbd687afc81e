import { guessText } from "../../../inspect/guess.ts";
import type { ExchangeSummary } from "../../../inspect/summary.ts";
import { printableIn } from "../../../text/printable.ts";
import type { Context } from "../../terminal/context.ts";
import { flowed, width } from "../../terminal/table.ts";

/** Columns that a title needs beside the others. */
const NARROWEST_TITLE = 12;

/** Lays exchanges out in columns that only grow, so that lines that are printed one by one stay aligned. */
export function exchangeLines(context: Context): (exchange: ExchangeSummary, depth?: number) => string {
  let edgeWidth = 11;
  const { paint } = context;
  return (said, depth = 0) => {
    const exchange = printableIn(said);
    const edge = `${"  ".repeat(depth)}${exchange.edge}`;
    edgeWidth = Math.min(28, Math.max(edgeWidth, width(edge)));
    const ahead = [
      paint("dim", timeOf(exchange.at)),
      edge.padEnd(edgeWidth),
      paint(colourOf(exchange), (exchange.status ?? "…").padEnd(5)),
      paint(isSlow(exchange) ? "yellow" : "dim", spanOf(exchange.ms).padStart(7)),
      paint("dim", exchange.short),
    ];
    const notes = notesOf(exchange);
    const guess = exchange.guess === null ? "" : guessText(exchange.guess);
    const taken = 12 + 2 + edgeWidth + 2 + 5 + 2 + 7 + 2 + exchange.short.length + 2;
    const room = Math.max(24, context.width - taken - widthOf(notes) - widthOf(guess));
    const title = context.live ? fitted(exchange.title, room) : exchange.title;
    if (context.live && context.width < taken + NARROWEST_TITLE) {
      const cells = [
        exchange.short,
        exchange.status ?? "…",
        spanOf(exchange.ms),
        exchange.edge,
        exchange.title,
        guess,
        notes,
      ];
      return flowed(cells, "", context.width).join("\n");
    }
    const behind = [guess === "" ? "" : paint("dim", guess), notes === "" ? "" : paint("yellow", notes)];
    return [...ahead, title, ...behind.filter((text) => text !== "")].join("  ");
  };
}

/** Of a text with the spaces before it. */
function widthOf(text: string): number {
  return text === "" ? 0 : width(text) + 2;
}

function notesOf({ notes, error, status }: ExchangeSummary): string {
  const broken = error !== null && error.code !== status ? [error.message] : [];
  return [...broken, ...notes].join(", ");
}

function colourOf({ ok }: ExchangeSummary): "red" | "green" | "dim" {
  return ok === null ? "dim" : ok ? "green" : "red";
}

function isSlow({ notes }: ExchangeSummary): boolean {
  return notes.some((note) => note.startsWith("slow"));
}

/** `14:02:11.204`, in this machine's time. */
function timeOf(at: number): string {
  const date = new Date(at);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** `0.8 ms`, `12 ms`, `1.4 s`. */
export function spanOf(ms: number | null): string {
  if (ms === null) return "…";
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

function fitted(text: string, room: number): string {
  return width(text) <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`;
}
