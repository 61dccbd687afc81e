import { useSnapshot } from "../home/home.ts";
import { Icon } from "../parts/icon.tsx";
import { Link } from "../routing/link.tsx";
import { trafficPath } from "../routing/route.ts";
import { useCell } from "../state/cell.ts";
import { shortUrl } from "../text/place.ts";
import type { ExchangeList } from "./list/exchange-list.ts";
import "./empty.css";

/** Nothing to show: why, and what makes something appear. */
export function Empty({ list, filter }: { readonly list: ExchangeList; readonly filter: string }) {
  const snapshot = useSnapshot();
  const { state, fault, kept } = useCell(list.view);
  if (state === "loading" || fault !== null) return null;
  if (filter !== "") {
    return (
      <div className="traffic-empty">
        <h2>Nothing matches this filter{kept === 0 ? " yet" : ""}</h2>
        <p>Matching exchanges appear here as they happen.</p>
        <Link className="button" href={trafficPath("")}>
          <Icon name="close" />
          Clear the filter
        </Link>
      </div>
    );
  }
  const services = snapshot?.stacks.flatMap((stack) => stack.services) ?? [];
  const pages = services
    .flatMap(({ name, names, url }) =>
      url !== null && names.some((one) => !one.startsWith("*.")) ? [{ name, url }] : [],
    )
    .slice(0, 4);
  return (
    <div className="traffic-empty">
      <Icon name="traffic" />
      <h2>No traffic yet</h2>
      <p>Requests to your services, and between them, appear here as they happen.</p>
      {pages.length > 0 && (
        <ul>
          {pages.map(({ name, url }) => (
            <li key={url}>
              <a href={url} target="_blank" rel="noreferrer" title={`Open ${name}`}>
                {shortUrl(url)}
              </a>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
