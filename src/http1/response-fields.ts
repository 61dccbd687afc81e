import type { FieldLine, LineMemory } from "./field-lines.ts";
import { joined } from "./fields.ts";

const KEEP = 0;
const DROP = 1;
const LENGTH = 2;
const CODING = 3;
const CONNECTION = 4;
const KEEP_ALIVE = 5;
const UPGRADE = 6;
const POLICY = 7;

export const KNOWN = new Map<string, number>([
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

export interface ResponseFields {
  length: string | null;
  coding: string | null;
  connection: string | null;
  keepAliveTimeout: number | null;
  upgrade: string | null;
  hasPolicy: boolean;
  fields: string;
}

export function gather(text: string, from: number, { lines }: LineMemory): ResponseFields {
  const said: ResponseFields = {
    length: null,
    coding: null,
    connection: null,
    keepAliveTimeout: null,
    upgrade: null,
    hasPolicy: false,
    fields: "",
  };
  let at = from;
  let run = from;
  for (const line of lines) {
    const end = at + line.text.length;
    if (line.field !== KEEP && !note(said, line)) {
      if (run < at) said.fields += text.slice(run, at);
      run = end;
    }
    at = end;
  }
  if (run < at) said.fields += text.slice(run, at);
  return said;
}

/** Notes what a line says. True: it's passed on as it is. */
function note(said: ResponseFields, { field, value }: FieldLine): boolean {
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
