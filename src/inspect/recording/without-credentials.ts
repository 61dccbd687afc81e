import { type CapturedBody, keptBytes, newBody } from "../../capture/body.ts";
import type { Exchange, HttpExchange, Message, RefusedHead } from "../../capture/exchange.ts";
import { fieldOf } from "../../capture/heads.ts";
import { undoAtOnce } from "../content/bytes/codings.ts";
import { chosen } from "../content/exported.ts";
import { viewOf } from "../content/view.ts";
import { type Redactor, redactorOf } from "../redact/redactor.ts";
import { hideInRefusedHead } from "../redact/refused-head.ts";
import { HIDDEN } from "../redact/text.ts";

/** Bytes of a body that are looked through; of a longer one nothing is written where it could hold something. */
const MOST = 2 * 1024 * 1024;

/** A copy of an exchange for a recording: credentials are hidden in it as on screen, bytes stay where there are none. */
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
        rows: redactor.rows(exchange.sql, exchange.columns, exchange.rows),
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
  const { requestHead, responseHead, refusedHead, requestBody, responseBody, messages, target } = exchange;
  const request = bodyWithout(requestBody, requestHead, redactor);
  const response = bodyWithout(responseBody, responseHead ?? "", redactor);
  return {
    target: redactor.target(target),
    requestHead: headWithout(requestHead, request.coded, redactor),
    responseHead: responseHead === null ? null : headWithout(responseHead, response.coded, redactor),
    refusedHead: refusedHead === null ? null : refusedWithout(refusedHead, redactor),
    ...{ requestBody: request.body, responseBody: response.body },
    messages:
      messages === null ? null : { ...messages, kept: messages.kept.map((one) => messageWithout(one, redactor)) },
  };
}

function refusedWithout(head: RefusedHead, redactor: Redactor): RefusedHead {
  const { text, reason } = hideInRefusedHead(head, redactor);
  return { text: asBytes(text), reason };
}

/** `coded`: the body is still coded as its head says. */
function headWithout(head: string, coded: boolean, redactor: Redactor): string {
  const shown = asBytes(redactor.head(head));
  return coded ? shown : shown.replace(/\r\ncontent-encoding:[^\r\n]*/gi, "");
}

/** Heads are bytes: the sign for what is hidden is written as UTF-8 in them. */
function asBytes(head: string): string {
  return head.replaceAll(HIDDEN, Buffer.from(HIDDEN).toString("latin1"));
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
