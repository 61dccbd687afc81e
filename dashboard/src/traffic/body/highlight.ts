/** Part of a text, and what it is in its language. */
export interface Piece {
  readonly text: string;
  readonly kind: "key" | "string" | "number" | "word" | "comment" | "tag" | null;
}

export type Language = "json" | "javascript" | "css" | "markup" | "sql";

/** What is told apart, by names of groups. Each expression stands for one sign at least, so a walk ends. */
const EXPRESSIONS: Readonly<Record<Language, RegExp>> = {
  json: /(?<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?<string>"(?:[^"\\]|\\.)*"?)|(?<number>-?\b\d[\d.eE+-]*)|(?<word>\b(?:true|false|null)\b)/g,
  javascript:
    /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?)|(?<number>\b\d[\w.]*)|(?<word>\b(?:as|async|await|break|case|catch|class|const|continue|default|delete|do|else|export|extends|false|finally|for|from|function|if|import|in|instanceof|let|new|null|of|return|static|super|switch|this|throw|true|try|typeof|undefined|var|void|while|yield)\b)/g,
  css: /(?<comment>\/\*[\s\S]*?(?:\*\/|$))|(?<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?)|(?<word>@[\w-]+|!important)|(?<key>[\w-]+(?=\s*:\s))|(?<number>#[\da-fA-F]{3,8}\b|-?\b\d[\d.]*(?:[a-z%]+)?)/g,
  markup:
    /(?<comment><!--[\s\S]*?(?:-->|$))|(?<tag><[/!?]?[A-Za-z][\w:-]*|\/?>)|(?<string>=\s*(?:"[^"]*"|'[^']*'))|(?<number>&[\w#]+;)/g,
  sql: /(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>'(?:[^']|'')*'?)|(?<key>"(?:[^"]|"")*"?|\$\d+)|(?<number>\b\d[\d.]*)|(?<word>\b(?:all|alter|analyze|and|any|as|asc|begin|between|by|case|cast|coalesce|commit|conflict|count|create|cross|current|default|delete|desc|distinct|do|drop|else|end|exists|explain|false|first|for|from|full|group|having|if|ilike|in|index|inner|insert|into|is|join|key|last|lateral|left|like|limit|not|null|nulls|offset|on|or|order|outer|over|partition|primary|references|returning|right|rollback|select|set|show|table|then|to|true|union|unique|update|using|values|view|when|where|window|with)\b)/gi,
};

/** Beyond this a text is shown as it is: a page has to stay quick, characters. */
const MOST = 120_000;

/** A text in its language's parts; those of no kind are in between. */
export function highlight(text: string, language: Language): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const near = text.slice(0, MOST);
  for (const match of near.matchAll(EXPRESSIONS[language])) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), kind: null });
    const [kind] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? [];
    pieces.push({ text: match[0], kind: (kind ?? null) as Piece["kind"] });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), kind: null });
  return pieces;
}
