import { STRICT_VALUE } from "./byte-classes.ts";
import { type KnownLines, type LineRules, passedOn } from "./field-lines.ts";
import { DROPPED, type HeadFault, headFault, joined } from "./fields.ts";
import { knownNames } from "./known-names.ts";

/** The fields that count, and what becomes of those that are only dropped. */
const DROP = 1;
const HOST = 2;
const LENGTH = 3;
const CODING = 4;
const CONNECTION = 5;
const UPGRADE = 6;
const EXPECT = 7;
const TE = 8;
const ACCEPT = 9;
const TRACE = 10;
const VIA = 11;
const FORWARDS = 12;
const ORIGIN = 13;
const FETCH_SITE = 14;

const NUMBERS = new Map<string, number>([
  ...[...DROPPED].flatMap(spellings).map((name): [string, number] => [name, DROP]),
  ["host", HOST],
  ["content-length", LENGTH],
  ["transfer-encoding", CODING],
  ["connection", CONNECTION],
  ["upgrade", UPGRADE],
  ["expect", EXPECT],
  ["te", TE],
  ["accept", ACCEPT],
  ["traceparent", TRACE],
  ["via", VIA],
  ["max-forwards", FORWARDS],
  ["origin", ORIGIN],
  ["sec-fetch-site", FETCH_SITE],
]);

export const REQUEST_LINES: LineRules = { known: knownNames(NUMBERS), values: STRICT_VALUE };

/** `X_Forwarded_For` and `x-forwarded_for` are `X-Forwarded-For` to a CGI-like service behind us. */
function spellings(name: string): string[] {
  const [first = "", ...rest] = name.split("-");
  return rest.reduce((heads, part) => heads.flatMap((head) => [`${head}-${part}`, `${head}_${part}`]), [first]);
}

/** What the field lines say, gathered in one pass. */
export interface RequestFields {
  host: string | null;
  length: string | null;
  coding: string | null;
  connection: string | null;
  upgrade: string | null;
  expect: string | null;
  te: string | null;
  accept: string | null;
  via: string | null;
  maxForwards: string | null;
  origin: string | null;
  fetchSite: string | null;
  traceParent: string | null;
  /** What is passed on. */
  fields: string;
  /** What is wrong with them; the first that is. */
  fault: HeadFault | null;
}

function nothingSaid(): RequestFields {
  return {
    host: null,
    length: null,
    coding: null,
    connection: null,
    upgrade: null,
    expect: null,
    te: null,
    accept: null,
    via: null,
    maxForwards: null,
    origin: null,
    fetchSite: null,
    traceParent: null,
    fields: "",
    fault: null,
  };
}

/** What the lines of a head say, which stand in `text` from `from` on. */
export function gather(text: string, from: number, lines: KnownLines): RequestFields {
  const said = nothingSaid();
  said.fields = passedOn(text, from, lines, said, note);
  return said;
}

/** Notes what a line says. True: it's passed on as it is. */
function note(said: RequestFields, field: number, value: string): boolean {
  switch (field) {
    case HOST:
      if (said.host === null) said.host = value;
      else said.fault ??= headFault(400, "more than one Host");
      return false;
    case LENGTH:
      if (said.length === null) said.length = value;
      else said.fault ??= headFault(400, "more than one Content-Length");
      return false;
    case CODING:
      if (said.coding === null) said.coding = value;
      else said.fault ??= headFault(400, "more than one Transfer-Encoding");
      return false;
    case CONNECTION:
      said.connection = joined(said.connection, value);
      return false;
    case UPGRADE:
      said.upgrade = joined(said.upgrade, value);
      return false;
    case EXPECT:
      // Each of them counts, not only the last.
      said.expect = joined(said.expect, value === "" ? "nothing" : value);
      return false;
    case TE:
      said.te = joined(said.te, value);
      return false;
    case ACCEPT:
      said.accept = joined(said.accept, value);
      return true;
    case TRACE:
      said.traceParent = said.traceParent === null ? value : "";
      return false;
    case VIA:
      said.via = joined(said.via, value);
      return false;
    case FORWARDS:
      said.maxForwards = joined(said.maxForwards, value);
      return true;
    case ORIGIN:
      said.origin = joined(said.origin, value);
      return true;
    case FETCH_SITE:
      said.fetchSite = joined(said.fetchSite, value);
      return true;
    default:
      return false;
  }
}
