import type { AliasView } from "../../../src/home/view/view.ts";
import { Icon } from "../parts/icon.tsx";
import { place, shortUrl } from "../text/place.ts";

/** Names for services that run by themselves. */
export function Aliases({ aliases }: { readonly aliases: readonly AliasView[] }) {
  if (aliases.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="aliases">
      <header className="stack-head">
        <div className="stack-title">
          <h2 id="aliases">By name only</h2>
          <span className="stack-sum">these run by themselves; Cove gives them a name</span>
        </div>
      </header>
      <ul className="aliases">
        {aliases.map(({ name, url, address }) => (
          <li key={name}>
            <a href={url} target="_blank" rel="noreferrer">
              {shortUrl(url)}
              <Icon name="open" />
            </a>
            <span>
              leads to <code>{place(address)}</code>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
