import type { Why } from "../../../../src/inspect/why/why.ts";
import "./why-text.css";

interface WhyTextProps {
  readonly why: Why;
  readonly onShow: (id: string) => void;
}

/** Where an exchange's time went, in a sentence, and what is usual. */
export function WhyText({ why: { sentence, usually, usual }, onShow }: WhyTextProps) {
  return (
    <div className="why">
      <p className="why-sentence">{spoken(sentence)}</p>
      {usually !== null && usual !== null && (
        <p className="why-usual">
          {spoken(usually)}{" "}
          <button type="button" onClick={() => onShow(usual.id)}>
            show it
          </button>
        </p>
      )}
    </div>
  );
}

/** Names between backquotes as code. */
function spoken(text: string) {
  return text.split("`").map((part, at) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a text's parts have no other name
    at % 2 === 1 ? <code key={at}>{part}</code> : part,
  );
}
