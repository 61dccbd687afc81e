import { type ComponentType, useEffect } from "react";
import { GuardPage } from "./guard/guard-page.tsx";
import { Header } from "./header.tsx";
import { useConnection, useHome, useSnapshot } from "./home/home.ts";
import { Locked } from "./locked.tsx";
import { MapPage } from "./map/map-page.tsx";
import { Icon } from "./parts/icon.tsx";
import { Toasts, toast } from "./parts/toasts.tsx";
import { PortsPage } from "./ports/ports-page.tsx";
import { Link } from "./routing/link.tsx";
import { useRoute } from "./routing/navigate.ts";
import type { Route } from "./routing/route.ts";
import { ServicePage } from "./service/service-page.tsx";
import { createCell, useCell } from "./state/cell.ts";
import "./app.css";

type TrafficProps = Pick<Extract<Route, { page: "traffic" }>, "filter" | "exchange">;

/** Loaded separately, so that the map doesn't wait for it. Not by Suspense, which delays late content by 300 ms. */
const trafficPage = createCell<ComponentType<TrafficProps> | null>(null);
const loadTraffic = () =>
  import("./traffic/traffic-page.tsx").then(
    (loaded) => trafficPage.set(loaded.default),
    () => toast({ message: "the traffic page could not be loaded", hint: "reload this page" }),
  );
if (location.pathname.startsWith("/traffic")) void loadTraffic();

export function App() {
  const connection = useConnection();
  const snapshot = useSnapshot();
  const news = useCell(useHome().news);
  const locked = connection === "locked";
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <Header snapshot={locked ? null : snapshot} />
      {connection === "away" && <Away />}
      <main id="main" tabIndex={-1} data-away={connection === "away" || undefined}>
        {locked ? <Locked /> : <Page />}
      </main>
      <Toasts />
      <p className="unseen" role="status" data-news="">
        {news}
      </p>
    </>
  );
}

function Page() {
  const snapshot = useSnapshot();
  const route = useRoute();
  // It lives on a stream of its own.
  if (route.page === "traffic") {
    return <Traffic filter={route.filter} exchange={route.exchange} />;
  }
  if (snapshot === null) return null;
  if (route.page === "map" || route.page === "edge") {
    return <MapPage snapshot={snapshot} shown={route.page === "edge" ? route : null} />;
  }
  if (route.page === "ports") return <PortsPage snapshot={snapshot} />;
  if (route.page === "guard") return <GuardPage snapshot={snapshot} />;
  if (route.page === "service") {
    return <ServicePage snapshot={snapshot} stack={route.stack} service={route.service} />;
  }
  return (
    <section className="welcome">
      <h1>Page not found</h1>
      <Link className="button" href="/">
        <Icon name="map" />
        Go to the map
      </Link>
    </section>
  );
}

function Traffic(props: TrafficProps) {
  const Loaded = useCell(trafficPage);
  useEffect(() => {
    if (Loaded === null) void loadTraffic();
  }, [Loaded]);
  return Loaded === null ? null : <Loaded {...props} />;
}

/** Home is unreachable for a moment: services and this page continue. */
function Away() {
  return (
    <p className="away" role="status">
      <span className="spinner" aria-hidden="true" />
      <span>
        <strong>Cove isn't running, reconnecting.</strong> Services continue; any <code>cove</code> command starts it
        again.
      </span>
    </p>
  );
}
