import type { ReactNode } from "react";

interface SectionHeadProps {
  /** The heading's id, for `aria-labelledby`. */
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}

/** A section's title and a few words about it. */
export function SectionHead({ id, title, children }: SectionHeadProps) {
  return (
    <header className="stack-head">
      <div className="stack-title">
        <h2 id={id}>{title}</h2>
        <span className="stack-sum">{children}</span>
      </div>
    </header>
  );
}
