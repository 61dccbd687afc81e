import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { navigate } from "./navigate.ts";

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  readonly href: string;
  /** Leads to what opens beside the page. */
  readonly beside?: boolean;
}

/** A link within the dashboard: no reload, but everything else that a link can do. */
export function Link({ href, beside = false, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(href, { beside });
  };
  return <a href={href} onClick={follow} {...rest} />;
}
