import { Fragment, useState } from "react";
import { highlight, type Language } from "./highlight.ts";
import "./code.css";

interface CodeProps {
  readonly text: string;
  /** Null: as it is. */
  readonly language: Language | null;
}

/** So much is drawn at once, characters. */
const FIRST = 60_000;

/** A text in its colours; of a long one the beginning, and the rest when asked for. */
export function Code({ text, language }: CodeProps) {
  const [all, setAll] = useState(false);
  const shown = all ? text : text.slice(0, FIRST);
  const more = text.length - shown.length;
  return (
    <>
      <pre className="code">
        {language === null
          ? shown
          : highlight(shown, language).map(({ text: part, kind }, at) =>
              kind === null ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never change places
                <Fragment key={at}>{part}</Fragment>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text never change places
                <span key={at} className={`code-${kind}`}>
                  {part}
                </span>
              ),
            )}
      </pre>
      {more > 0 && (
        <button type="button" className="button more" onClick={() => setAll(true)}>
          {more.toLocaleString("en")} more characters
        </button>
      )}
    </>
  );
}
