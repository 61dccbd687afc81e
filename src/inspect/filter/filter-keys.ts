import type { Exchange } from "../../capture/exchange.ts";
import { fieldOf } from "../../capture/heads.ts";
import { traceIdOf } from "../../capture/ids.ts";
import type { LinkHow } from "../../capture/trace-link.ts";
import { readField } from "../../conditions/kinds/field.ts";
import { glob } from "../../text/glob.ts";
import { sizesOf } from "../summary.ts";
import type { Test } from "./filter-test.ts";

/** What can stand before a colon in a filter. */
interface FilterKey {
  /** Null: it can't be that. */
  readonly read: (value: string) => Test | null;
  /** What it can be, for faults. */
  readonly hint: string;
}

/** Every key of the filter language. The only list. */
export const FILTER_KEYS: Readonly<Record<string, FilterKey>> = {
  edge: { read: edge, hint: "name an edge as in edge:web→api or edge:web:api; * stands for anything" },
  from: { read: named(({ edge }) => edge.from), hint: "name a service, or browser" },
  to: { read: named(({ edge }) => edge.to), hint: "name a service" },
  service: { read: named(({ edge }) => edge.to), hint: "name a service" },
  stack: { read: named(({ edge }) => edge.stack), hint: "name a stack" },
  folder: { read: folder, hint: "give a project's folder, from the root on" },
  status: {
    read: status,
    hint: "it can be 404, 4xx, >=400, error, ok, pending, or an error's code such as 23505 or ECONNRESET",
  },
  method: { read: method, hint: "name a method: GET, POST; or a command: SELECT, HGETALL" },
  path: { read: path, hint: "it can be a path such as /orders/*; * stands for anything" },
  host: { read: named((exchange) => (exchange.protocol === "http" ? exchange.host : null)), hint: "name a host" },
  type: { read: contentType, hint: "name a part of a Content-Type: json, html, image/png" },
  is: { read: is, hint: "it can be is:slow, error, websocket, held, replay, repeated" },
  ms: { read: comparison("time", ({ ended }) => ended), hint: "compare with a time: ms:>200 or ms:<=1.5s" },
  size: { read: comparison("size", sizeOf), hint: "compare with a size: size:>10KB or size:<1MiB" },
  protocol: { read: protocol, hint: "it can be http, websocket, postgres, redis, tcp" },
  link: { read: link, hint: "how sure its place in the trace is: link:header, alone, likely, none" },
  trace: { read: trace, hint: "give a trace's id: its first hex digits will do" },
};

/** A project's, by its folder; what was imported is of no project, and kept out of none. */
function folder(value: string): Test {
  return ({ edge: { root } }) => root === undefined || root === value;
}

function named(of: (exchange: Exchange) => string | null): (value: string) => Test {
  return (value) => {
    const matches = glob(value, { ignoreCase: true });
    return (exchange) => {
      const name = of(exchange);
      return name !== null && matches(name);
    };
  };
}

function edge(value: string): Test | null {
  const ends = value.split(/→|->|:/);
  if (ends.length !== 2) return null;
  const [from, to] = ends.map((end) => glob(end.trim() || "*", { ignoreCase: true }));
  return ({ edge }) => from?.(edge.from) === true && to?.(edge.to) === true;
}

/** HTTP's code; null for others. */
function code(exchange: Exchange): number | null {
  return exchange.protocol === "http" ? exchange.status : null;
}

function isError(exchange: Exchange): boolean {
  return exchange.error !== null || (code(exchange) ?? 0) >= 400;
}

function status(value: string): Test | null {
  const lower = value.toLowerCase();
  if (lower === "error") return isError;
  if (lower === "ok") return (exchange) => exchange.ended !== null && !isError(exchange);
  if (lower === "pending") return (exchange) => exchange.ended === null;
  const hundreds = /^([1-5])xx$/.exec(lower)?.[1];
  if (hundreds !== undefined) return (exchange) => Math.floor((code(exchange) ?? 0) / 100) === Number(hundreds);
  const compared = /^(>=|<=|>|<)(\d{1,3})$/.exec(value);
  if (compared !== null) return compare(compared[1] ?? "", Number(compared[2]), code);
  if (/^\d{3}$/.test(value)) return (exchange) => code(exchange) === Number(value);
  if (!/^[\w*]+$/.test(value)) return null;
  const matches = glob(value, { ignoreCase: true });
  return ({ error }) => error !== null && matches(error.code);
}

function method(value: string): Test {
  const word = value.toUpperCase();
  const first = new RegExp(`^\\s*${value.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}(?![\\w])`, "i");
  return (exchange) => {
    if (exchange.protocol === "http") return exchange.method === word;
    if (exchange.protocol === "redis") return exchange.command === word;
    return exchange.protocol === "postgres" && first.test(exchange.sql);
  };
}

function path(value: string): Test {
  const matches = glob(value);
  const query = value.includes("?");
  return (exchange) => {
    if (exchange.protocol !== "http") return false;
    const { target } = exchange;
    const end = query ? -1 : target.indexOf("?");
    return matches(end === -1 ? target : target.slice(0, end));
  };
}

function contentType(value: string): Test {
  const part = value.toLowerCase();
  const has = (head: string | null) => fieldOf(head, "content-type")?.toLowerCase().includes(part) ?? false;
  return (exchange) => exchange.protocol === "http" && (has(exchange.responseHead) || has(exchange.requestHead));
}

const IS: Readonly<Record<string, Test>> = {
  error: isError,
  websocket: (exchange) => exchange.protocol === "http" && exchange.messages !== null,
  replay: (exchange) => exchange.protocol === "http" && exchange.replayOf !== null,
  held: (exchange, { held }) => held?.(exchange) ?? false,
  slow: (exchange, { notes }) => notes?.(exchange).some((note) => note.startsWith("slow")) ?? false,
  repeated: (exchange, { notes }) => notes?.(exchange).some((note) => /\d+ times/.test(note)) ?? false,
};

function is(value: string): Test | null {
  const word = value.toLowerCase();
  return Object.hasOwn(IS, word) ? (IS[word] ?? null) : null;
}

function sizeOf(exchange: Exchange): number {
  const { bytesUp, bytesDown } = sizesOf(exchange);
  return bytesUp + bytesDown;
}

function comparison(type: "time" | "size", of: (exchange: Exchange) => number | null): (value: string) => Test | null {
  return (value) => {
    const [, sign = "", text = ""] = /^(>=|<=|>|<)(.+)$/.exec(value) ?? [];
    const than = text === "" ? null : readField({ type, about: "" }, text);
    return typeof than === "number" ? compare(sign, than, of) : null;
  };
}

function compare(sign: string, than: number, of: (exchange: Exchange) => number | null): Test {
  return (exchange) => {
    const value = of(exchange);
    if (value === null) return false;
    if (sign === ">") return value > than;
    if (sign === "<") return value < than;
    return sign === ">=" ? value >= than : value <= than;
  };
}

function protocol(value: string): Test | null {
  const word = value.toLowerCase();
  if (word === "websocket") return IS.websocket ?? null;
  return ["http", "postgres", "redis", "tcp"].includes(word) ? (exchange) => exchange.protocol === word : null;
}

const LINKS: Readonly<Record<LinkHow, true>> = { header: true, exact: true, alone: true, likely: true, none: true };

function link(value: string): Test | null {
  const word = value.toLowerCase();
  return Object.hasOwn(LINKS, word) ? ({ trace }) => trace.how === word : null;
}

function trace(value: string): Test | null {
  const id = value.toLowerCase();
  return /^[0-9a-f]{1,32}$/.test(id) ? (exchange) => traceIdOf(exchange).startsWith(id) : null;
}
