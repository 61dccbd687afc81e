import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { readConditions } from "../../../src/conditions/text.ts";
import { isFault } from "../../../src/fault/fault.ts";
import type { EdgeView, StackView } from "../../../src/home/view/view.ts";
import { api, type Shapes } from "../home/api.ts";
import { useConnection, useHome } from "../home/home.ts";
import { foundText } from "../map/edges.tsx";
import { ActionButton } from "../parts/action-button.tsx";
import { CopyButton } from "../parts/copy-button.tsx";
import { Icon } from "../parts/icon.tsx";
import { toast } from "../parts/toasts.tsx";
import { Link } from "../routing/link.tsx";
import { trafficPath } from "../routing/route.ts";
import { useCell } from "../state/cell.ts";
import { place } from "../text/place.ts";
import { count, size } from "../text/size.ts";
import { ConditionsEditor } from "./conditions-editor.tsx";
import { EdgeCharts } from "./edge-charts.tsx";
import { ProfilePicker } from "./profile-picker.tsx";
import { Scenarios } from "./scenarios.tsx";
import { useShape } from "./use-shape.ts";
import { words } from "./words.ts";
import "./edge-panel.css";

interface EdgePanelProps {
  readonly stack: StackView;
  readonly edge: EdgeView;
  readonly onClose: () => void;
}

/** One edge: its traffic, its conditions, and the controls for them. */
export function EdgePanel({ stack, edge, onClose }: EdgePanelProps) {
  const { id, from, to, address, connections, bytesUp, bytesDown } = edge;
  const heading = useId();
  const top = useRef<HTMLHeadingElement>(null);
  useEffect(() => top.current?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    onClose();
  };
  return (
    <section className="edge-panel" aria-labelledby={heading} onKeyDown={onKeyDown}>
      <header className="edge-head">
        <h2 id={heading} ref={top} tabIndex={-1}>
          {from} <span className="unseen">to</span>
          <span className="edge-arrow" aria-hidden="true">
            →
          </span>{" "}
          {to}
        </h2>
        <button type="button" className="button bare" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="edge-facts">
        <p className="edge-place">
          <code>{place(address)}</code>
          <CopyButton text={place(address)} label={`Copy the address of ${id}`} />
          <Link href={trafficPath(`edge:${id} stack:${stack.name}`)}>Traffic</Link>
        </p>
        <p className="edge-counts">
          {count(connections, "connection")} open · {size(bytesUp)} to {to} · {size(bytesDown)} from {to}
        </p>
      </div>
      {edge.found && (
        <p className="edge-note">
          {foundText(edge)} in the config. Its connections are captured, and conditions work; {from} doesn't wait for{" "}
          {to} when it starts.
        </p>
      )}
      {from === "browser" && edge.shape === null && (
        <p className="edge-note">
          Without conditions, Cove connects browsers to {to} directly and measures nothing here. Add a condition to see
          throughput and latency.
        </p>
      )}
      <EdgeCharts stack={stack.id} edge={edge} />
      <Shaping stack={stack} edge={edge} />
    </section>
  );
}

function Shaping({ stack, edge }: Pick<EdgePanelProps, "stack" | "edge">) {
  const away = useConnection() !== "live";
  const shapes = useShapes(stack.id);
  const shaping = useShape(stack.id, edge);
  const { drafts, problems, profile, setDrafts, setProfile, clear } = shaping;
  const { shape, to } = edge;
  const others = stack.edges.filter((one) => one.to === to).length - 1;
  return (
    <div className="shaping" inert={away}>
      <section className="edge-now" data-shaped={shape !== null || undefined} aria-label="Conditions now">
        <Now edge={edge} />
        {shape !== null && (
          <div className="actions">
            <button type="button" className="button" onClick={clear}>
              <Icon name="restart" />
              Clear
            </button>
            {others > 0 && shape.scenario === null && (
              <ActionButton
                icon="map"
                label={`Apply to all edges to ${to}`}
                act={() => api.shape(stack.id, to, shape.profile ?? shape.text)}
              />
            )}
          </div>
        )}
      </section>
      {shapes !== null && <ProfilePicker profiles={shapes.profiles} ends={edge} value={profile} onPick={setProfile} />}
      {drafts === null ? (
        <p className="soft">These conditions contain a table of numbers: change them in the config.</p>
      ) : (
        <ConditionsEditor drafts={drafts} problems={problems} ends={edge} onChange={setDrafts} />
      )}
      {shapes !== null && <Scenarios stack={stack.id} edge={edge} names={shapes.scenarios} disabled={away} />}
    </div>
  );
}

/** The conditions in force, in words. */
function Now({ edge }: Pick<EdgePanelProps, "edge">) {
  const { shape } = edge;
  if (shape === null) return <p className="edge-verdict">No conditions</p>;
  const conditions = readConditions(shape.text);
  const said = isFault(conditions) ? [shape.text] : conditions.map((one) => words(one, edge));
  return (
    <>
      <p className="edge-verdict">
        <Icon name="shape" />
        {shape.scenario === null ? (shape.profile ?? "Custom conditions") : `${shape.scenario} is playing`}
      </p>
      <ul>
        {said.length === 0 ? <li>no conditions at the moment</li> : said.map((one) => <li key={one}>{one}</li>)}
        {shape.noHttp !== undefined && (
          <li>It carries {shape.noHttp === "tls" ? "TLS" : "no HTTP/1"}: conditions on requests have no effect</li>
        )}
      </ul>
    </>
  );
}

/** Profiles and scenarios for a stack's edges; fetched again with each stream, because the config may have changed. */
function useShapes(stack: string): Shapes | null {
  const { stream } = useHome();
  const now = useCell(stream);
  const [shapes, setShapes] = useState<Shapes | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new stream may be of a new home
  useEffect(() => {
    let left = false;
    void api.shapes(stack).then((answer) => {
      if (left) return;
      if (isFault(answer)) toast(answer);
      else setShapes(answer);
    });
    return () => {
      left = true;
    };
  }, [stack, now]);
  return shapes;
}
