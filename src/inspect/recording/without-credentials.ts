import { type CapturedBody, keptBytes, newBody } from "../../capture/body.ts";
import type { Exchange, HttpExchange, Message } from "../../capture/exchange.ts";
import { fieldOf } from "../../capture/heads.ts";
import { undoAtOnce } from "../content/bytes/codings.ts";
import { chosen } from "../content/exported.ts";
import { viewOf } from "../content/view.ts";
import { type Redactor, redactorOf } from "../redact/redactor.ts";
import { HIDDEN } from "../redact/text.ts";

/** Bytes of a body that are looked through; of a longer one nothing is written where it could hold something. */
const MOST = 2 * 1024 * 1024;

/** A copy of an exchange to be written down for good: credentials are hidden in it as on screen, bytes stay where there are none. */
export function withoutCredentials(exchange: Exchange): Exchange {
  const redactor = redactorOf(exchange.edge.policy);
  const { error } = exchange;
  const base = { error: error === null ? null : { ...error, message: redactor.text(error.message, true) } };
  switch (exchange.protocol) {
    case "http":
      return { ...exchange, ...base, ...httpParts(exchange, redactor) };
    case "postgres":
      return {
        ...{ ...exchange, ...base },
        sql: redactor.sql(exchange.sql),
        params: redactor.params(exchange.sql, exchange.params),
        rows: exchange.rows.map((row) => redactor.row(exchange.columns, row)),
      };
    case "redis":
      return {
        ...{ ...exchange, ...base },
        args: redactor.redis(exchange.command, exchange.args),
        reply: redactor.reply(exchange.command, exchange.args, exchange.reply),
      };
    case "tcp":
      return { ...exchange, ...base };
  }
}

function httpParts(exchange: HttpExchange, redactor: Redactor): Partial<HttpExchange> {
  const { requestHead, responseHead, requestBody, responseBody, messages, target } = exchange;
  const request = bodyWithout(requestBody, requestHead, redactor);
  const response = bodyWithout(responseBody, responseHead ?? "", redactor);
  return {
    target: redactor.target(target),
    requestHead: headWithout(requestHead, request.coded, redactor),
    responseHead: responseHead === null ? null : headWithout(responseHead, response.coded, redactor),
    ...{ requestBody: request.body, responseBody: response.body },
    messages:
      messages === null ? null : { ...messages, kept: messages.kept.map((one) => messageWithout(one, redactor)) },
  };
}

/** Heads are bytes: the sign for what is hidden is in UTF-8. `coded`: the body's coding is undone no more. */
function headWithout(head: string, coded: boolean, redactor: Redactor): string {
  const shown = redactor.head(head).replaceAll(HIDDEN, Buffer.from(HIDDEN).toString("latin1"));
  return coded ? shown : shown.replace(/\r\ncontent-encoding:[^\r\n]*/gi, "");
}

function bodyWithout(
  body: CapturedBody | null,
  head: string,
  redactor: Redactor,
): { body: CapturedBody | null; coded: boolean } {
  if (body === null || body.keptSize === 0) return { body, coded: true };
  const decoded = undoAtOnce(keptBytes(body), fieldOf(head, "content-encoding"), MOST);
  if (decoded === null) return { body: made(Buffer.alloc(0), body, false), coded: false };
  const before = redactor.hidden();
  const view = viewOf(body, decoded, head, redactor, MOST);
  const { bytes, coded } = chosen(body, view, redactor.hidden() !== before);
  return coded && bytes.length === body.keptSize ? { body, coded } : { body: made(bytes, body, view.whole), coded };
}

/** With fewer bytes than passed it counts as cut; with the text without credentials it is whole where the other was. */
function made(bytes: Buffer, { size, keptSize }: CapturedBody, looked: boolean): CapturedBody {
  const whole = looked && keptSize === size && bytes.length > 0;
  return {
    ...newBody(),
    size: whole ? bytes.length : Math.max(size, bytes.length + 1),
    keptSize: bytes.length,
    kept: [bytes],
  };
}

function messageWithout(message: Message, redactor: Redactor): Message {
  const { data, kind } = message;
  if (kind === "binary") return redactor.bytes(data) === null ? { ...message, data: Buffer.alloc(0) } : message;
  const said = data.toString("utf8");
  const shown = redactor.any(said);
  return shown === said ? message : { ...message, data: Buffer.from(shown) };
}
