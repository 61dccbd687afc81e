import fc from "fast-check";
import { expect, test } from "vitest";
import { scene } from "../../../capture/exchange.fixture.ts";
import type { Exchange } from "../../../capture/exchange.ts";
import { detailOf } from "../../../inspect/detail.ts";
import { diffOf } from "../../../inspect/diff.ts";
import { harText } from "../../../inspect/har/export.ts";
import { summaryOf } from "../../../inspect/summary.ts";
import { titleOf } from "../../../inspect/title.ts";
import { printableIn } from "../../../text/printable.ts";
import { type Context, createContext } from "../../terminal/context.ts";
import { showFault } from "../../terminal/fault-text.ts";
import { logPrinter } from "../stack/log-lines.ts";
import { detailText } from "./detail-text.ts";
import { diffText } from "./diff-text.ts";
import { exchangeLines } from "./exchange-line.ts";

/** What may reach a terminal beside text: line feeds, tabs, colours. */
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const SGR = /\x1b\[[0-9;:]*m/g;

/** What `act` writes through a real context; both streams. */
function output(options: { json: boolean; color: boolean }, act: (context: Context) => void): string {
  let text = "";
  const { stdout, stderr } = process;
  const real = [stdout.write, stderr.write] as const;
  const catching = ((chunk: string) => {
    text += chunk;
    return true;
  }) as typeof stdout.write;
  [stdout.write, stderr.write] = [catching, catching];
  try {
    act(createContext({ cwd: "/", ...options }));
  } finally {
    [stdout.write, stderr.write] = real;
  }
  return text;
}

const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "\x1b]52;c;aGk=\x07",
        "\x1b[2J",
        "\x1b[31m",
        "\x9b31m",
        "\x1bP",
        "\u202e",
        "\u2066",
        "\x08",
        "\r",
        "\x7f",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

const field = (text: string) => Buffer.from(text.replace(/[\r\n\0]/g, "")).toString("latin1");

function exchanges(text: string): Exchange[] {
  const { recorder, http, postgres, redis } = scene();
  const said = {
    method: "POST",
    target: "/x?q=1",
    body: text,
    responseBody: `{"a":${JSON.stringify(text)}}\n${text}`,
  };
  const one = http(said);
  const wild = http({ ...said, ms: null });
  wild.target = `/${text}`;
  wild.requestHead = `POST /${field(text)} HTTP/1.1\r\nHost: x\r\nX-Wild: ${field(text)}\r\n\r\n`;
  wild.responseHead = `HTTP/1.1 200 ${field(text)}\r\nX-${field(text)}: ${field(text)}\r\nContent-Type: text/plain\r\n\r\n`;
  wild.messages = {
    total: 1,
    kept: [{ way: "up", at: 1, kind: "text", size: 1, data: Buffer.from(text) }],
  };
  recorder.recordRefusedHead(wild, field(text) + text, text);
  recorder.end(wild, wild.clock + 1, { code: "REFUSED", message: text });
  const query = postgres(`select '${text}'`, {
    ...{ params: [text, null], columns: ["a", text], rows: [[text, text]], rowCount: 1, tag: text },
    error: { code: "42601", message: text },
  });
  return [one, wild, query, redis("SET", ["key", text], text)];
}

test("no escape, control or turn of direction from the wire reaches a terminal, by any command", async () => {
  await fc.assert(
    fc.asyncProperty(hostile, fc.boolean(), fc.boolean(), async (text, json, color) => {
      const all = exchanges(text);
      const views = await Promise.all(
        all.map((exchange) => detailOf(exchange, summaryOf(exchange, titleOf(exchange), [text]), { reveal: true })),
      );
      let archive = "";
      for await (const piece of harText(
        all.filter((one) => one.protocol === "http"),
        { version: "1", reveal: true },
      ))
        archive += piece;
      expect(archive).not.toMatch(UNSAFE);
      const [before, after] = views;
      if (before === undefined || after === undefined) throw new Error("no views");
      const printed = output({ json, color }, (context) => {
        const line = exchangeLines(context);
        const summaries = views.map(({ summary }) => summary);
        for (const view of views) {
          for (const one of detailText(context, printableIn(view), summaries)) context.print(one);
          context.print(line(view.summary));
          context.print(JSON.stringify(view));
        }
        for (const one of diffText(context, diffOf(before, after))) context.print(one);
        showFault(context, { fault: "INTERNAL", message: text, hint: text, detail: { text } });
        const log = logPrinter(context, ["api", "cove"]);
        const row = { time: 0, text };
        log([
          { ...row, service: "api", stream: "stdout" },
          { ...row, service: "cove", stream: "cove" },
        ]);
        context.note(text);
      });
      expect(printed.replace(color && !json ? SGR : "", "")).not.toMatch(UNSAFE);
    }),
    { numRuns: 150 },
  );
});

test("a service's colours pass in a terminal and end with their line; --raw passes all", () => {
  const line = { service: "api", stream: "stdout", time: 0, text: "\x1b[31mred\x1b]0;title\x07" } as const;
  const print = (color: boolean, raw: boolean) =>
    output({ json: false, color }, (context) => logPrinter(context, ["api"], { raw })([line]));
  expect(print(true, false)).toBe("\x1b[31mred␛]0;title␇\x1b[0m\n");
  expect(print(false, false)).toBe("red␛]0;title␇\n");
  expect(print(false, true)).toBe(`${line.text}\n`);
});

test("what isn't a log has no colours of its own", async () => {
  const { http } = scene();
  const exchange = http({ responseBody: "\x1b[31mred", responseHeaders: ["Content-Type: text/plain"] });
  const view = await detailOf(exchange, summaryOf(exchange, titleOf(exchange), []));
  const printed = output({ json: false, color: true }, (context) => {
    for (const line of detailText(context, printableIn(view), [])) context.print(line);
  });
  expect(printed).toContain("␛[31mred");
});
