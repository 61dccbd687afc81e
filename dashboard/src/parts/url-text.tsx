import { shortUrl } from "../text/place.ts";
import "./url-text.css";

/** A URL in one line: where room is short its end is cut, but never the port. */
export function UrlText({ url }: { readonly url: string }) {
  const [, host = shortUrl(url), port = ""] = /^(.*?)(:\d+)$/.exec(shortUrl(url)) ?? [];
  return (
    <span className="url-text">
      <span className="url-host">{host}</span>
      <wbr />
      <span>{port}</span>
    </span>
  );
}
