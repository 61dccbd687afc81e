import { LENIENT_VALUE } from "./byte-classes.ts";
import { type KnownLines, type LineRules, passedOn } from "./field-lines.ts";
import { type HeadFault, joined } from "./fields.ts";
import { knownNames } from "./known-names.ts";

const DROP = 1;
const LENGTH = 2;
const CODING = 3;
const CONNECTION = 4;
const KEEP_ALIVE = 5;
const UPGRADE = 6;
const POLICY = 7;

const NUMBERS = new Map<string, number>([
  ["content-length", LENGTH],
  ["transfer-encoding", CODING],
  ["connection", CONNECTION],
  ["keep-alive", KEEP_ALIVE],
  ["upgrade", UPGRADE],
  ["proxy-connection", DROP],
  // One dev server's HSTS would turn every other port of the name to HTTPS.
  ["strict-transport-security", DROP],
  ["cross-origin-resource-policy", POLICY],
]);

export const RESPONSE_LINES: LineRules = { known: knownNames(NUMBERS), values: LENIENT_VALUE };

export interface ResponseFields {
  length: string | null;
  coding: string | null;
  connection: string | null;
  keepAliveTimeout: number | null;
  upgrade: string | null;
  hasPolicy: boolean;
  /** What is passed on. */
  fields: string;
  /** What is wrong with them; the first that is. */
  fault: HeadFault | null;
}

/** What the lines of a head say, which stand in `text` from `from` on. */
export function gather(text: string, from: number, lines: KnownLines): ResponseFields {
  const said: ResponseFields = {
    length: null,
    coding: null,
    connection: null,
    keepAliveTimeout: null,
    upgrade: null,
    hasPolicy: false,
    fields: "",
    fault: null,
  };
  said.fields = passedOn(text, from, lines, said, note);
  return said;
}

/** Notes what a line says. True: it's passed on as it is. */
function note(said: ResponseFields, field: number, value: string): boolean {
  switch (field) {
    case LENGTH:
      said.length = joined(said.length, value);
      return false;
    case CODING:
      said.coding = joined(said.coding, value);
      return false;
    case CONNECTION:
      said.connection = joined(said.connection, value);
      return false;
    case KEEP_ALIVE: {
      const seconds = /(?:^|[,\s])timeout=([0-9]{1,6})/i.exec(value)?.[1];
      if (seconds !== undefined) said.keepAliveTimeout = Number(seconds);
      return false;
    }
    case UPGRADE:
      said.upgrade = joined(said.upgrade, value);
      return false;
    case POLICY:
      said.hasPolicy = true;
      return true;
    default:
      return false;
  }
}
