import { defineKind } from "./define.ts";
import { checkMatch, type HttpCondition, MATCH } from "./http-match.ts";

/** Bits of bodies are turned; lengths, heads and chunk sizes stay. At least one bit of every body that it is drawn for. */
export interface HttpCorrupt extends HttpCondition {
  readonly kind: "http-corrupt";
  /** Share of bytes. */
  readonly rate: number;
}

export const httpCorrupt = defineKind<HttpCorrupt>({
  kind: "http-corrupt",
  about: "turns bits in answers' bodies",
  direction: "down",
  fields: {
    rate: { type: "share", place: "main", default: 0.01, about: "share of bytes of which a bit is turned" },
    ...MATCH,
  },
  check: checkMatch,
  harm: ({ rate }) => ({ corrupt: rate }),
});
