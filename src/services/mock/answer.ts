import { isCut } from "../../capture/body.ts";
import type { HttpExchange } from "../../capture/exchange.ts";
import { fieldOf } from "../../capture/heads.ts";
import { type Near, nearestTo } from "./near.ts";
import { type Asked, bodyFormOf, keyOf, keyText, sameBody, type Variant } from "./request-key.ts";

export interface Answer {
  readonly exchange: HttpExchange;
  /** Which of how many answers to this request it is. */
  readonly nth: number;
  readonly of: number;
}

/** No answer, why, and the recorded requests that come nearest. */
export interface Miss {
  readonly why: string;
  readonly nearest: readonly Near[];
}

/** What a recording answers. */
export interface Answers {
  /** The next answer to a request: the n-th same one gets the n-th answer, later ones the last. */
  readonly ask: (asked: Asked) => Answer | Miss;
  /** How many different requests it knows. */
  readonly size: number;
}

export interface AnswerOptions {
  /** Bodies of requests aren't compared. */
  readonly anyBody?: boolean;
  /** Hides secrets in both, so that a request is still the one that was recorded without them. */
  readonly hide?: (asked: Asked) => Asked;
}

/** Only exchanges that were answered whole count; the order is that of their requests. */
export function answersOf(exchanges: readonly HttpExchange[], options: AnswerOptions = {}): Answers {
  const { anyBody = false, hide = (asked: Asked) => asked } = options;
  const byKey = new Map<string, Variant[]>();
  const inOrder = exchanges
    .filter(({ status, responseHead, error }) => status !== null && responseHead !== null && error === null)
    .sort((a, b) => a.at - b.at || a.seq - b.seq);
  for (const exchange of inOrder) {
    const asked = hide(exchange);
    const key = keyOf(asked);
    const text = keyText(key);
    const body = bodyFormOf(asked);
    const variants = byKey.get(text) ?? [];
    byKey.set(text, variants);
    const same = variants.find((one) => anyBody || (one.body.form === body.form && one.body.text === body.text));
    if (same === undefined)
      variants.push({ key, body, sample: asked, status: exchange.status, answers: [exchange], asked: new Map() });
    else same.answers.push(exchange);
  }

  function find(asked: Asked): Variant | undefined {
    const body = bodyFormOf(asked);
    const of = (method: string) =>
      byKey
        .get(keyText(keyOf({ ...asked, method })))
        ?.find((one) => anyBody || sameBody(one.body, body, asked.requestBody, one.sample.requestBody?.keptSize ?? 0));
    // HEAD is GET without the body.
    return of(asked.method) ?? (asked.method === "HEAD" ? of("GET") : undefined);
  }

  return {
    ask: (request) => {
      const asked = hide(request);
      const variant = find(asked);
      if (variant === undefined) {
        const near = nearestTo(asked, byKey.values());
        return { why: near[0]?.why ?? "nothing like it was recorded", nearest: near };
      }
      const kind = kindOf(asked);
      const fitting = variant.answers.filter((exchange) => fits(exchange, asked.requestHead));
      if (fitting.length === 0) return missOf(variant, "it was only ever answered for a cache or for a part of it");
      const before = variant.asked.get(kind) ?? 0;
      variant.asked.set(kind, before + 1);
      const at = Math.min(before, fitting.length - 1);
      const exchange = fitting[at];
      if (exchange === undefined) return missOf(variant, "it has no answer");
      if (exchange.status === 101) return missOf(variant, "a WebSocket can't be answered from a recording");
      if (isCut(exchange.responseBody)) return missOf(variant, cutText(exchange));
      return { exchange, nth: at + 1, of: fitting.length };
    },
    size: [...byKey.values()].reduce((sum, variants) => sum + variants.length, 0),
  };
}

/** A 304 or 206 answers a conditional or range request only. */
function fits({ status, requestHead }: HttpExchange, head: string): boolean {
  if (status === 304) return fieldOf(head, "if-none-match") !== null || fieldOf(head, "if-modified-since") !== null;
  if (status === 206 || status === 416) return fieldOf(head, "range") === fieldOf(requestHead, "range");
  return true;
}

/** Each kind of request (plain, conditional, range) has its own sequence. */
function kindOf({ method, requestHead }: Asked): string {
  const conditional = fieldOf(requestHead, "if-none-match") ?? fieldOf(requestHead, "if-modified-since");
  return `${method} ${conditional === null ? "plain" : "conditional"} ${fieldOf(requestHead, "range") ?? ""}`;
}

function missOf({ key, sample, status }: Variant, why: string): Miss {
  return { why, nearest: [{ method: key.method, target: sample.target, status, why }] };
}

function cutText({ responseBody }: HttpExchange): string {
  const { size = 0, keptSize = 0 } = responseBody ?? {};
  return `only ${keptSize} of the ${size} bytes of its body were recorded; capture: { bodies } of the service keeps more`;
}
