import type { ServiceView, Snapshot, StackView } from "../../../src/home/view/view.ts";
import { useConnection, useHome } from "../home/home.ts";
import { useTitle } from "../home/use-stacks.ts";
import { useShortcuts } from "../keys/shortcuts.ts";
import { LogView } from "../log/log-view.tsx";
import { Cause } from "../parts/cause.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon, kindIcon } from "../parts/icon.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { STATE_WORDS } from "../parts/state-words.ts";
import { Link } from "../routing/link.tsx";
import { navigate } from "../routing/navigate.ts";
import { trafficPath } from "../routing/route.ts";
import { Environment } from "./environment.tsx";
import { Metrics } from "./metrics.tsx";
import { ServiceActions } from "./service-actions.tsx";
import { ServiceFacts } from "./service-facts.tsx";
import "./service-page.css";

interface ServicePageProps {
  readonly snapshot: Snapshot;
  /** The stack's id or granted name, as in the path. */
  readonly stack: string;
  readonly service: string;
}

/** One service: how it is, how to reach it, its log and its environment. */
export function ServicePage({ snapshot, stack: wanted, service: name }: ServicePageProps) {
  const home = useHome();
  const live = snapshot.stacks.find(({ id }) => id === wanted) ?? snapshot.stacks.find((one) => one.name === wanted);
  const stack = live ?? home.lastSeen(wanted);
  const service = stack?.services.find((one) => one.name === name);
  const state = live === undefined ? undefined : service?.state;

  useShortcuts({ Escape: () => navigate("/") });
  useTitle(`${name}${state === undefined ? "" : ` · ${STATE_WORDS[state]}`}`, stack?.name);

  if (stack === null || stack === undefined || service === undefined) return <Nowhere service={name} />;
  return <Known stack={stack} service={service} up={live !== undefined} />;
}

interface KnownProps {
  readonly stack: StackView;
  readonly service: ServiceView;
  /** False when the stack has ended since. */
  readonly up: boolean;
}

function Known({ stack, service, up }: KnownProps) {
  const away = useConnection() !== "live";
  const { name, kind, state, cause } = service;
  return (
    <div className="service">
      <header className="service-head">
        <nav aria-label="Breadcrumb">
          <Link className="crumb" href="/">
            <Icon name="back" />
            {stack.name}
          </Link>
        </nav>
        <div className="service-title">
          <span className="node-kind" title={kind}>
            <Icon name={kindIcon(kind)} />
          </span>
          <h1>{name}</h1>
          <StateMark state={up ? state : "stopped"} />
          <Link className="button" href={trafficPath(`service:${name} stack:${stack.name}`)}>
            <Icon name="traffic" /> Traffic
          </Link>
          {up && kind !== "external" && <ServiceActions stack={stack.id} service={service} disabled={away} />}
        </div>
      </header>
      {!up && (
        <div className="cause" data-tone="calm">
          <p className="cause-message">{stack.name} has ended; this is its last state</p>
          <p className="cause-hint">
            <code>
              cd {stack.root} && cove {stack.single ? "run" : "up"}
            </code>
            <CopyButton text={`cd ${stack.root} && cove ${stack.single ? "run" : "up"}`} label="Copy the command" />
          </p>
        </div>
      )}
      {up && cause !== null && <Cause cause={cause} excerpt={false} />}
      <div className="service-body">
        <LogView key={`${stack.id} ${name}`} stack={stack.id} service={name} />
        <aside className="service-side" aria-label={`About ${name}`}>
          <ServiceFacts stack={stack} service={service} />
          <Metrics key={`${stack.name} ${name}`} stack={stack.name} service={name} />
          {up && kind !== "external" && <Environment key={`${stack.id} ${name}`} stack={stack.id} service={service} />}
        </aside>
      </div>
    </div>
  );
}

function Nowhere({ service }: { readonly service: string }) {
  return (
    <section className="welcome">
      <h1>No service {service}</h1>
      <p>Its stack isn't running, or has no service of that name.</p>
      <Link className="button" href="/">
        <Icon name="map" />
        Go to the map
      </Link>
    </section>
  );
}
