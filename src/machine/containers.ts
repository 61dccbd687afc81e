import { existsSync } from "node:fs";
import { homedir } from "node:os";

/** A port of a container that its engine publishes on this machine. */
export interface PublishedPort {
  readonly protocol: string;
  readonly host: string;
  readonly port: number;
  /** Inside the container. */
  readonly containerPort: number;
}

/** A container that runs. */
export interface Container {
  /** The command of its engine: `docker`, `podman`. */
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly id: string;
  readonly name: string | null;
  readonly image: string;
  readonly ports: readonly PublishedPort[];
}

/** An engine that doesn't answer within this time counts as not installed, ms. */
const ANSWER_TIME = 500;
const ANSWER_MOST = 16 * 1024 * 1024;

/** Containers that run, of every engine that answers on its Unix socket. Empty where there is none. */
export async function containers(sockets: readonly string[] = engineSockets()): Promise<Container[]> {
  const found = await Promise.all(sockets.map(containersOf));
  const ids = new Set<string>();
  // Docker's socket is often podman's under another name.
  return found.flat().filter(({ id }) => !ids.has(id) && ids.add(id));
}

/** What counts here of the answers of Docker's Engine API (1.24 and later), which podman speaks too. */
async function containersOf(socketPath: string): Promise<Container[]> {
  // Mostly there's no engine, and node:http takes longer to load than a whole look at the sockets.
  if (process.platform !== "win32" && !existsSync(socketPath)) return [];
  const list = await ask(socketPath, "/containers/json");
  if (!Array.isArray(list) || list.length === 0) return [];
  const version = fieldsOf(await ask(socketPath, "/version"));
  const engineVersion = textOf(version.Version);
  const engine = /podman/i.test(JSON.stringify(version.Components ?? "")) ? "podman" : "docker";
  return list.map(fieldsOf).flatMap(({ Id, Names, Image, Ports }) => {
    const id = textOf(Id);
    if (id === null) return [];
    const name = Array.isArray(Names) ? (textOf(Names[0])?.replace(/^\//, "") ?? null) : null;
    const ports = Array.isArray(Ports) ? Ports.map(fieldsOf).flatMap(publishedPort) : [];
    return [{ engine, engineVersion, id, name, image: textOf(Image) ?? "", ports }];
  });
}

/** Without a public port it is only exposed to its neighbours; podman leaves the address of all of them out. */
function publishedPort({ IP, PrivatePort, PublicPort, Type }: Record<string, unknown>): PublishedPort[] {
  if (typeof PublicPort !== "number" || typeof PrivatePort !== "number") return [];
  const host = textOf(IP) ?? "0.0.0.0";
  return [{ protocol: textOf(Type) ?? "tcp", host, port: PublicPort, containerPort: PrivatePort }];
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Null for whatever isn't JSON within that time. */
async function ask(socketPath: string, path: string): Promise<unknown> {
  const { request } = await import("node:http");
  return new Promise((resolve) => {
    const sent = request({ socketPath, path, agent: false, headers: { host: "localhost" } }, (got) => {
      let text = "";
      got.setEncoding("utf8");
      got.on("error", () => resolve(null));
      got.on("data", (part: string) => {
        text += part;
        if (text.length > ANSWER_MOST) sent.destroy();
      });
      got.on("end", () => {
        try {
          resolve(JSON.parse(text));
        } catch {
          resolve(null);
        }
      });
    });
    const late = setTimeout(() => sent.destroy(), ANSWER_TIME);
    sent.on("error", () => resolve(null));
    sent.on("close", () => {
      clearTimeout(late);
      resolve(null);
    });
    sent.end();
  });
}

/** Where engines listen: what DOCKER_HOST says, root's, this user's. */
function engineSockets(): string[] {
  if (process.platform === "win32") return ["//./pipe/docker_engine"];
  const named = /^unix:\/\/(.+)$/.exec(process.env.DOCKER_HOST ?? "")?.[1];
  const own = process.env.XDG_RUNTIME_DIR ?? `/run/user/${process.getuid?.() ?? 0}`;
  return [
    ...(named === undefined ? [] : [named]),
    "/var/run/docker.sock",
    `${own}/docker.sock`,
    `${homedir()}/.docker/run/docker.sock`,
    "/run/podman/podman.sock",
    `${own}/podman/podman.sock`,
  ];
}
