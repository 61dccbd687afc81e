import type { ServiceView } from "../../../src/home/view/view.ts";
import { api } from "../home/api.ts";
import { Cause } from "../parts/cause.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon, kindIcon } from "../parts/icon.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { UrlText } from "../parts/url-text.tsx";
import { Link } from "../routing/link.tsx";
import { servicePath } from "../routing/route.ts";
import { place } from "../text/place.ts";
import { count } from "../text/size.ts";
import { duration } from "../text/time.ts";
import type { Relation } from "./relations.ts";
import "./node-card.css";

interface NodeCardProps {
  readonly stack: string;
  readonly service: ServiceView;
  readonly relation?: Relation | undefined;
  /** Faded, since the search means others. */
  readonly aside?: boolean;
  /** More to say below: the edges, in the list. */
  readonly children?: React.ReactNode;
}

/** A service on the map and in the list. */
export function NodeCard({ stack, service, relation, aside = false, children }: NodeCardProps) {
  const { name, kind, label, state, cause } = service;
  return (
    <article className="node" data-state={state} data-relation={relation} data-aside={aside || undefined}>
      <header className="node-head">
        <span className="node-kind" title={kind}>
          <Icon name={kindIcon(kind)} />
        </span>
        <h3 className="node-name">
          <Link className="node-link" href={servicePath(stack, name)} data-service={name}>
            {name}
          </Link>
        </h3>
        <StateMark state={state} />
      </header>
      <p className="node-label" title={label}>
        {label}
      </p>
      <Where stack={stack} service={service} />
      <Facts service={service} />
      {cause !== null && /^(failed|unready|restarting)$/.test(state) && <Cause cause={cause} excerpt />}
      {children}
    </article>
  );
}

/** Where to reach it: its name for http, else its address with a button that copies the whole URL. */
function Where({ stack, service: { name, names, url, address } }: Pick<NodeCardProps, "stack" | "service">) {
  if (url === null)
    return (
      <p className="node-where" data-none>
        no port
      </p>
    );
  if (names.length > 0) {
    return (
      <p className="node-where">
        <a className="node-url" href={url} target="_blank" rel="noreferrer" title={url}>
          <UrlText url={url} />
          <Icon name="open" />
        </a>
      </p>
    );
  }
  return (
    <p className="node-where">
      <code>{place(address)}</code>
      <CopyButton text={() => api.url(stack, name)} label={`Copy the URL of ${name}`} />
    </p>
  );
}

function Facts({ service: { readyMs, restarts, state } }: Pick<NodeCardProps, "service">) {
  const facts = [
    ...(readyMs !== null && (state === "ready" || state === "completed") ? [`ready in ${duration(readyMs)}`] : []),
    ...(restarts > 0 ? [count(restarts, "restart")] : []),
  ];
  return facts.length > 0 ? <p className="node-facts">{facts.join(" · ")}</p> : null;
}
