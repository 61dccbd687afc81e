import type { AliasView } from "../../../src/home/view/view.ts";
import { Icon } from "../parts/icon.tsx";
import { SectionHead } from "../parts/section-head.tsx";
import { place, shortUrl } from "../text/place.ts";
import "./aliases.css";

/** Names for services that run by themselves. */
export function Aliases({ aliases }: { readonly aliases: readonly AliasView[] }) {
  if (aliases.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="aliases">
      <SectionHead id="aliases" title="Aliases">
        not started by Cove: it only gives them a name
      </SectionHead>
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
