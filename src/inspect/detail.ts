import type {
  Exchange,
  HttpExchange,
  Message,
  PostgresExchange,
  RedisExchange,
  RefusedHead,
} from "../capture/exchange.ts";
import { fieldsOf, readable, requestVersion, statusLine, urlOf } from "../capture/heads.ts";
import { textOf } from "./content/bytes/plain.ts";
import type { BodyView } from "./content/forms/body-view.ts";
import { bodyViewOf } from "./content/view.ts";
import { micros } from "./micros.ts";
import { REVEALED, type Redactor, redactorOf } from "./redact/redactor.ts";
import { refusedHeadView } from "./redact/refused-head.ts";
import { HIDDEN } from "./redact/text.ts";
import type { ExchangeSummary } from "./summary.ts";
import { titleOf } from "./title.ts";

/** One exchange with all details, for people: bodies decoded, credentials hidden. */
export interface ExchangeDetail {
  readonly summary: ExchangeSummary;
  /** ms since its start; null: not known, or not yet. */
  readonly timing: Readonly<Record<"queued" | "connected" | "firstByte" | "ended", number | null>>;
  readonly http: HttpDetail | null;
  readonly postgres: PostgresDetail | null;
  readonly redis: { readonly command: string; readonly args: readonly string[]; readonly reply: string | null } | null;
  /** How many values are hidden. */
  readonly redacted: number;
}

export interface HttpDetail {
  readonly method: string;
  readonly url: string;
  readonly target: string;
  readonly host: string;
  readonly version: string;
  readonly status: number | null;
  readonly statusText: string;
  /** Raw, in order. */
  readonly requestHead: string;
  readonly responseHead: string | null;
  /** A response head of the service that was refused, and why; the client got an error page. */
  readonly refusedHead: RefusedHead | null;
  readonly requestHeaders: readonly (readonly [string, string])[];
  readonly responseHeaders: readonly (readonly [string, string])[] | null;
  readonly request: BodyView | null;
  readonly response: BodyView | null;
  readonly messages: { readonly total: number; readonly kept: readonly MessageView[] } | null;
}

export interface MessageView {
  readonly way: "up" | "down";
  /** ms since the exchange's start. */
  readonly at: number;
  readonly kind: Message["kind"];
  readonly size: number;
  readonly text: string | null;
  readonly base64: string | null;
  readonly cut: boolean;
}

export interface PostgresDetail {
  readonly sql: string;
  readonly statement: string | null;
  readonly params: readonly (string | null)[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rowCount: number;
  readonly tag: string | null;
  readonly transaction: number | null;
  readonly database: string | null;
  readonly user: string | null;
}

/** Messages and rows that are shown at the most, and bytes of each message: the page has to load them. */
const MOST_MESSAGES = 1_000;
const MOST_ROWS = 1_000;
const MOST_MESSAGE = 64 * 1024;

/** `reveal`: credentials are shown. Decoding bodies leaves the event loop: hence the promise. */
export async function detailOf(
  exchange: Exchange,
  summary: ExchangeSummary,
  { reveal = false }: { readonly reveal?: boolean } = {},
): Promise<ExchangeDetail> {
  const redactor = reveal ? REVEALED : redactorOf(exchange.edge.policy);
  const { queued, connected, firstByte, ended } = exchange;
  const http = exchange.protocol === "http" ? await httpDetail(exchange, redactor) : null;
  const postgres = exchange.protocol === "postgres" ? postgresDetail(exchange, redactor) : null;
  const redis = exchange.protocol === "redis" ? redisDetail(exchange, redactor) : null;
  // Databases quote values in their errors.
  const error =
    summary.error === null ? null : { ...summary.error, message: redactor.text(summary.error.message, true) };
  return {
    summary: { ...summary, ...(reveal && { title: titleOf(exchange, REVEALED) }), error },
    timing: {
      queued: micros(queued),
      connected: micros(connected),
      firstByte: micros(firstByte),
      ended: micros(ended),
    },
    ...{ http, postgres, redis },
    redacted: redactor.hidden(),
  };
}

async function httpDetail(exchange: HttpExchange, redactor: Redactor): Promise<HttpDetail> {
  const { method, host, status, responseHead, requestBody, responseBody, messages } = exchange;
  const request = redactor.head(exchange.requestHead);
  const response = responseHead === null ? null : redactor.head(responseHead);
  // From the redacted head, in which hidden values were counted.
  const target = /^\S+ (\S+)/.exec(request)?.[1] ?? "/";
  return {
    ...{ method, url: urlOf({ host, target }), target, host, version: requestVersion(request) },
    ...{ status, statusText: statusLine(response).text, requestHead: request, responseHead: response },
    refusedHead: exchange.refusedHead === null ? null : refusedHeadView(exchange.refusedHead, redactor),
    requestHeaders: readableFields(request),
    responseHeaders: response === null ? null : readableFields(response),
    request: requestBody === null ? null : await bodyViewOf(requestBody, exchange.requestHead, redactor),
    response: responseBody === null ? null : await bodyViewOf(responseBody, responseHead ?? "", redactor),
    messages:
      messages === null
        ? null
        : { total: messages.total, kept: messages.kept.slice(-MOST_MESSAGES).map((one) => messageView(one, redactor)) },
  };
}

/** Values that were hidden aren't bytes any more: those that are read as UTF-8. */
function readableFields(head: string): [string, string][] {
  return fieldsOf(head).map(([name, value]) => [name, value.includes(HIDDEN) ? value : readable(value)]);
}

function messageView({ way, at, kind, size, data }: Message, redactor: Redactor): MessageView {
  const shown = data.length > MOST_MESSAGE ? data.subarray(0, MOST_MESSAGE) : data;
  const cut = shown.length < size;
  const said = kind === "binary" ? null : textOf(shown);
  return {
    ...{ way, at: micros(at), kind, size, cut },
    text: said === null ? null : redactor.any(said),
    base64: said === null ? redactor.bytes(shown) : null,
  };
}

function postgresDetail(exchange: PostgresExchange, redactor: Redactor): PostgresDetail {
  const { sql, statement, params, columns, rows, rowCount, tag, transaction, database, user } = exchange;
  return {
    sql: redactor.sql(sql),
    statement,
    params: redactor.params(sql, params),
    columns,
    rows: redactor.rows(sql, columns, rows.slice(0, MOST_ROWS)),
    ...{ rowCount, tag, transaction, database, user },
  };
}

function redisDetail({ command, args, reply }: RedisExchange, redactor: Redactor): ExchangeDetail["redis"] {
  return { command, args: redactor.redis(command, args), reply: redactor.reply(command, args, reply) };
}
