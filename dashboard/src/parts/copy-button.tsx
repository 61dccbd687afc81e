import { useEffect, useState } from "react";
import { type Fault, isFault } from "../../../src/fault/fault.ts";
import { copy } from "./copy.ts";
import { Icon } from "./icon.tsx";
import { toast } from "./toasts.tsx";

interface CopyButtonProps {
  /** What is copied, or how to get it. */
  readonly text: string | (() => string | Promise<string | Fault>);
  /** What the button is for, in words: `Copy the address`. */
  readonly label: string;
  /** Shown beside the icon. */
  readonly children?: React.ReactNode;
}

export function CopyButton({ text, label, children }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_600);
    return () => clearTimeout(timer);
  }, [copied]);
  const onClick = async () => {
    const got = typeof text === "string" ? text : await text();
    if (isFault(got)) toast(got);
    else if (await copy(got)) setCopied(true);
    else toast({ message: "the browser doesn't allow copying here", hint: "select the text and copy it by hand" });
  };
  return (
    <button
      type="button"
      className={children ? "button" : "button bare"}
      onClick={onClick}
      aria-label={label}
      title={label}
    >
      <Icon name={copied ? "check" : "copy"} />
      {children}
      <span className="unseen" role="status">
        {copied ? "Copied" : ""}
      </span>
    </button>
  );
}
