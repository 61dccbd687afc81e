import type { ReactNode } from "react";
import type { ServiceView, StackView } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { Need, NeedsList } from "../map/stack-list.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { UrlText } from "../parts/url-text.tsx";
import { Link } from "../routing/link.tsx";
import { servicePath } from "../routing/route.ts";
import { place } from "../text/place.ts";
import { duration, since } from "../text/time.ts";
import "./service-facts.css";

interface ServiceFactsProps {
  readonly stack: StackView;
  readonly service: ServiceView;
}

export function ServiceFacts({ stack, service }: ServiceFactsProps) {
  const { name, label, address, names, url, needs, pid, readyMs, readyAt, restarts, state, tracing } = service;
  const { protocol, port } = new URL(names.length > 0 && url !== null ? url : "http://x");
  const consumers = stack.edges.filter(({ to }) => to === name);
  return (
    <dl className="facts">
      <Fact term={names.length > 1 ? "Names" : "Name"} shown={names.length > 0 && url !== null}>
        {names.map((host) => (
          <HostName key={host} scheme={protocol} host={host} port={port} />
        ))}
      </Fact>
      <Fact term="URL" shown={names.length === 0 && url !== null}>
        <span className="fact-row">
          <code>{url}</code>
          <CopyButton text={() => api.url(stack.id, name)} label="Copy the URL, with its password" />
        </span>
      </Fact>
      <Fact term="Listens at">
        {url === null ? (
          "no port"
        ) : (
          <span className="fact-row">
            <code>{place(address)}</code>
            <CopyButton text={place(address)} label="Copy the address" />
          </span>
        )}
      </Fact>
      <Fact term="Runs">
        <code>{label}</code>
      </Fact>
      <Fact term="Since" shown={state === "ready" && readyAt !== null}>
        {since(readyAt ?? 0, Date.now())}
        {readyMs !== null && <span className="soft"> · was ready in {duration(readyMs)}</span>}
      </Fact>
      <Fact term="Process" shown={pid !== null}>
        <span>
          pid {pid}
          {restarts > 0 && <span className="soft"> · restarted {restarts === 1 ? "once" : `${restarts} times`}</span>}
        </span>
      </Fact>
      <Fact term="Traces" shown={tracing !== undefined}>
        {tracing?.reports === true ? (
          <>
            reported by <span className="soft">{tracing.text}</span>
          </>
        ) : (
          <span className="soft">guessed by time: {tracing?.text}</span>
        )}
      </Fact>
      <Fact term="Needs" shown={needs.length > 0}>
        <NeedsList stack={stack} service={name} verb="" />
      </Fact>
      <Fact term="Needed by" shown={consumers.length > 0}>
        <ul className="needs">
          {consumers.map((edge) => (
            <Need key={edge.id} stack={stack.id} edge={edge} open={false}>
              {edge.from === "browser" ? (
                "browsers through "
              ) : (
                <>
                  <Link href={servicePath(stack.id, edge.from)}>{edge.from}</Link> via{" "}
                </>
              )}
            </Need>
          ))}
        </ul>
      </Fact>
    </dl>
  );
}

function HostName({ scheme, host, port }: { readonly scheme: string; readonly host: string; readonly port: string }) {
  const url = `${scheme}//${host}${port === "" ? "" : `:${port}`}`;
  if (host.startsWith("*.")) return <code>{host}</code>;
  return (
    <span className="fact-row">
      <a className="node-url" href={url} target="_blank" rel="noreferrer" title={url}>
        <UrlText url={url} />
        <Icon name="open" />
      </a>
      <CopyButton text={url} label={`Copy ${url}`} />
    </span>
  );
}

interface FactProps {
  readonly term: string;
  readonly shown?: boolean;
  readonly children: ReactNode;
}

function Fact({ term, shown = true, children }: FactProps) {
  if (!shown) return null;
  return (
    <div className="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
