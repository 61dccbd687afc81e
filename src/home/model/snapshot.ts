import type { Address } from "../../address/address.ts";
import { formatAddress } from "../../address/parse.ts";
import type { Relay } from "../../door/relay/relay.ts";
import { hidePasswords } from "../view/redact.ts";
import type { AliasView, EdgeView, ServiceView, ShapeView, Snapshot, StackView } from "../view/view.ts";
import type { LiveEdge, LiveService, LiveStack } from "./live-stack.ts";
import { tracingView } from "./service-traces.ts";

/** What a snapshot says of home itself. */
export type HomeFacts = Snapshot["home"];

/** A name's URL at the door, with the scheme that a browser takes without a warning. */
export type NameUrl = (name: string) => string;

export function takeSnapshot(
  home: HomeFacts,
  stacks: Iterable<LiveStack>,
  aliases: readonly AliasView[],
  nameUrl: NameUrl,
): Snapshot {
  return { home, stacks: [...stacks].map((stack) => stackView(stack, home.door, nameUrl)), aliases };
}

function stackView(stack: LiveStack, door: Address, nameUrl: NameUrl): StackView {
  const { facts } = stack;
  return {
    id: stack.id,
    name: stack.name,
    single: facts.single,
    root: facts.root,
    branch: facts.branch,
    file: facts.file,
    runner: { pid: stack.runner.pid, startedAt: stack.since },
    services: [...stack.services.values()].map((service) => serviceView(service, nameUrl)),
    edges: [...browserEdges(stack, door), ...[...stack.edges.values()].map((edge) => edgeView(edge, stack))],
  };
}

function serviceView(service: LiveService, nameUrl: NameUrl): ServiceView {
  const { facts, names } = service;
  const { status } = facts;
  const tracing = tracingView(service);
  return {
    name: facts.name,
    kind: facts.kind,
    protocol: facts.protocol,
    label: hidePasswords(facts.label),
    state: status.state,
    address: facts.listens ?? facts.address,
    names,
    url: facts.portless === true ? null : serviceUrl(names, facts.url, facts.listens ?? facts.address, nameUrl),
    needs: facts.needs,
    pid: status.process?.pid ?? null,
    readyMs: status.readyMs,
    readyAt: status.readyAt,
    restarts: status.restarts,
    ...(status.overdue === true && { overdue: true }),
    ...(tracing !== null && { tracing }),
    cause: status.cause && { ...status.cause, message: hidePasswords(status.cause.message) },
  };
}

function serviceUrl(names: readonly string[], own: string | null, address: Address, nameUrl: NameUrl): string {
  const shown = names.find((name) => !name.startsWith("*."));
  if (shown !== undefined) return nameUrl(shown);
  return hidePasswords(own ?? `tcp://${formatAddress(address)}`);
}

function edgeView({ id, from, to, address, found, relay }: LiveEdge, stack: LiveStack): EdgeView {
  const shape = shapeView(stack, id, relay);
  return { id, from, to, address, ...traffic(relay), ...(found && { found }), shape };
}

/** The edge from browsers: through the door, to each service that has a name there and listens. */
function browserEdges(stack: LiveStack, door: Address): EdgeView[] {
  return [...stack.services.values()]
    .filter(({ names, facts }) => names.length > 0 && facts.portless !== true)
    .map(({ facts }) => {
      const id = `browser→${facts.name}`;
      const detour = stack.detours.get(id) ?? null;
      return {
        ...{ id, from: "browser", to: facts.name, address: door },
        ...traffic(detour),
        shape: shapeView(stack, id, detour),
      };
    });
}

function traffic(relay: Relay | null): Pick<EdgeView, "connections" | "bytesUp" | "bytesDown"> {
  const { connections, bytesUp, bytesDown } = relay?.stats() ?? { connections: 0, bytesUp: 0, bytesDown: 0 };
  return { connections, bytesUp, bytesDown };
}

function shapeView(stack: LiveStack, id: string, relay: Relay | null): ShapeView | null {
  const shape = stack.shapes.get(id);
  if (shape === undefined) return null;
  const { text, profile, scenario, failed } = shape;
  const noHttp = relay?.noHttp() ?? null;
  return { text, profile, scenario, ...(noHttp !== null && { noHttp }), ...(failed !== null && { failed }) };
}
