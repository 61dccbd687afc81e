import type { Fault } from "../../../src/fault/fault.ts";
import type { AuditView, EnvView, GuardView, PortsView } from "../../../src/home/view/view.ts";
import type { LogLine } from "../../../src/stack/session/messages.ts";

export type ServiceAction = "restart" | "stop" | "start";
type StackAction = "restart" | "down";

/** What can be put on a stack's edges. Own profiles come first. */
export interface Shapes {
  readonly profiles: readonly {
    readonly name: string;
    readonly source: string;
    readonly text: string;
    readonly own: boolean;
  }[];
  readonly scenarios: readonly string[];
}

/** What the page asks of home, besides the stream. Every answer may be a fault. */
export interface HomeApi {
  /** Null when home answers and knows this browser. */
  readonly health: () => Promise<Fault | null>;
  readonly logs: (stack: string, service: string, limit: number) => Promise<readonly LogLine[] | Fault>;
  readonly env: (stack: string, service: string) => Promise<readonly EnvView[] | Fault>;
  /** One variable as it is. */
  readonly variable: (stack: string, service: string, name: string) => Promise<string | Fault>;
  /** Where a client reaches the service, credentials included. */
  readonly url: (stack: string, service: string) => Promise<string | Fault>;
  /** The same object as before while nothing has changed. */
  readonly ports: () => Promise<PortsView | Fault>;
  readonly audit: () => Promise<AuditView | Fault>;
  readonly guard: () => Promise<GuardView | Fault>;
  readonly act: (stack: string, service: string, action: ServiceAction) => Promise<Fault | null>;
  readonly actOnStack: (stack: string, action: StackAction) => Promise<Fault | null>;
  readonly shapes: (stack: string) => Promise<Shapes | Fault>;
  /** Puts conditions (a profile's name, or `latency=200±50 loss=2%`; empty: none) on an edge, or all to a service. */
  readonly shape: (stack: string, target: string, conditions: string) => Promise<Fault | null>;
  /** Starts a scenario by name. */
  readonly play: (stack: string, target: string, name: string) => Promise<Fault | null>;
}

/** `onLocked` is told when home doesn't know this browser (401). */
export function createApi(onLocked: () => void): HomeApi {
  async function ask(
    method: "GET" | "POST" | "PUT",
    path: string,
    given?: Record<string, unknown>,
  ): Promise<Record<string, unknown> | Fault> {
    try {
      const response = await fetch(`/api/v1${path}`, {
        method,
        headers: { accept: "application/json", ...(given && { "content-type": "application/json" }) },
        ...(given && { body: JSON.stringify(given) }),
      });
      if (response.status === 401) onLocked();
      const body: unknown = await response.json();
      if (typeof body !== "object" || body === null) return unreadable(response.status);
      if ("error" in body && isFault(body.error)) return body.error;
      return response.ok ? { ...body } : unreadable(response.status);
    } catch {
      return AWAY;
    }
  }
  const known = new Map<string, { readonly etag: string; readonly view: unknown }>();
  /** A look at the machine, which is sent again only when it has changed. */
  async function look<T>(path: string): Promise<T | Fault> {
    try {
      const before = known.get(path);
      const headers = { accept: "application/json", ...(before !== undefined && { "if-none-match": before.etag }) };
      // The page remembers by itself; the browser's cache would answer in its own way.
      const response = await fetch(`/api/v1${path}`, { headers, cache: "no-store" });
      if (response.status === 304 && before !== undefined) return before.view as T;
      if (response.status === 401) onLocked();
      const body: unknown = await response.json();
      if (typeof body !== "object" || body === null) return unreadable(response.status);
      if ("error" in body && isFault(body.error)) return body.error;
      if (!response.ok) return unreadable(response.status);
      known.set(path, { etag: response.headers.get("etag") ?? "", view: body });
      return body as T;
    } catch {
      return AWAY;
    }
  }
  const of = (stack: string, service: string) =>
    `/stacks/${encodeURIComponent(stack)}/services/${encodeURIComponent(service)}`;
  const done = (answer: Record<string, unknown> | Fault) => (isFault(answer) ? answer : null);

  return {
    health: async () => done(await ask("GET", "/health")),
    logs: async (stack, service, limit) => {
      const answer = await ask("GET", `${of(stack, service)}/logs?limit=${limit}`);
      return isFault(answer) ? answer : (answer.lines as readonly LogLine[]);
    },
    env: async (stack, service) => {
      const answer = await ask("GET", `${of(stack, service)}/env`);
      return isFault(answer) ? answer : (answer.env as readonly EnvView[]);
    },
    variable: async (stack, service, name) => {
      const answer = await ask("GET", `${of(stack, service)}/env/${encodeURIComponent(name)}`);
      return isFault(answer) ? answer : String(answer.value);
    },
    url: async (stack, service) => {
      const answer = await ask("GET", `${of(stack, service)}/url`);
      return isFault(answer) ? answer : String(answer.url);
    },
    ports: () => look<PortsView>("/ports"),
    audit: () => look<AuditView>("/audit"),
    guard: () => look<GuardView>("/guard"),
    act: async (stack, service, action) => done(await ask("POST", `${of(stack, service)}/${action}`)),
    actOnStack: async (stack, action) => done(await ask("POST", `/stacks/${encodeURIComponent(stack)}/${action}`)),
    shapes: async (stack) => {
      const answer = await ask("GET", `/stacks/${encodeURIComponent(stack)}/shape`);
      return isFault(answer) ? answer : (answer as unknown as Shapes);
    },
    shape: async (stack, target, conditions) =>
      done(await ask("PUT", `/stacks/${encodeURIComponent(stack)}/shape`, { target, conditions })),
    play: async (stack, target, name) =>
      done(await ask("POST", `/stacks/${encodeURIComponent(stack)}/shape/play`, { target, name })),
  };
}

export const AWAY: Fault = {
  fault: "HOME_UNREACHABLE",
  message: "home is away, so nothing was done",
  hint: "any cove command starts it again",
};

export function unreadable(status: number): Fault {
  return { fault: "INTERNAL", message: `home answered with ${status} and nothing to read`, hint: "run: cove doctor" };
}

export function isFault(value: unknown): value is Fault {
  return typeof value === "object" && value !== null && "fault" in value && "message" in value;
}
