import type { Decoded, Look } from "./ansi.ts";
import type { Span } from "./search.ts";

/** A stretch of a line that is drawn as one element. */
export interface Piece {
  readonly text: string;
  readonly look: Look | null;
  /** Where it leads, when it is part of a URL. */
  readonly href: string | null;
  /** Which of the line's matches it belongs to; null outside of all. */
  readonly match: number | null;
}

const URL_IN_TEXT = /https?:\/\/[^\s"'<>`\\^{|}]+/g;

/** Cuts a line where its look, a link or a match begins or ends. */
export function pieces({ text, runs }: Decoded, matches: readonly Span[]): Piece[] {
  const links = linksIn(text);
  if (runs.length === 0 && links.length === 0 && matches.length === 0) {
    return text === "" ? [] : [{ text, look: null, href: null, match: null }];
  }
  const cuts = new Set([0, text.length]);
  for (const { start, end } of [...runs, ...links, ...matches]) cuts.add(start).add(end);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((start, index) => {
    const end = sorted[index + 1] ?? text.length;
    const covers = (span: Span) => span.start <= start && span.end >= end;
    const link = links.find(covers);
    const match = matches.findIndex(covers);
    return {
      text: text.slice(start, end),
      look: runs.find(covers)?.look ?? null,
      href: link === undefined ? null : text.slice(link.start, link.end),
      match: match === -1 ? null : match,
    };
  });
}

function linksIn(text: string): Span[] {
  if (!text.includes("://")) return [];
  return [...text.matchAll(URL_IN_TEXT)].map((match) => {
    // A sentence's end isn't the URL's.
    const url = match[0].replace(/[.,;:!?)\]]+$/, "");
    return { start: match.index, end: match.index + url.length };
  });
}
