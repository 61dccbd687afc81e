import type { DraftService, Means } from "./draft-service.ts";
import type { StoreFinding, StoreType } from "./readers/finding.ts";

/** A store with the name of its service. */
export interface DraftStore extends StoreFinding {
  readonly name: string;
  /** No file names it: an app's packages speak to one. */
  readonly guessed?: true;
  /** The file by which an app is told its host and no port: it is sought at its kind's standard port. */
  readonly standardPort?: string;
}

interface Recipe {
  /** Run where the program is there. `$HOST` and `$PORT` are the service's. */
  readonly program?: readonly [name: string, command: string];
  /** Else run by Docker: the image, its port, its folder of data, and what else it is told. */
  readonly image: readonly [name: string, port: number, data: string, more: string];
  readonly protocol: "tcp" | "redis";
}

const RECIPES: Readonly<Record<Exclude<StoreType, "postgres" | "mail">, Recipe>> = {
  redis: {
    program: ["redis-server", "redis-server --bind $HOST --port $PORT --save ''"],
    image: ["redis:8", 6379, "/data", ""],
    protocol: "redis",
  },
  mysql: {
    image: ["mysql:9", 3306, "/var/lib/mysql", "-e MYSQL_ALLOW_EMPTY_PASSWORD=1 -e MYSQL_DATABASE=app"],
    protocol: "tcp",
  },
  mongodb: { image: ["mongo:8", 27017, "/data/db", ""], protocol: "tcp" },
  rabbitmq: { image: ["rabbitmq:4", 5672, "/var/lib/rabbitmq", ""], protocol: "tcp" },
};

/** A store as a service; undefined where nothing can run it, which `todo` tells. */
export function storeService(store: DraftStore, means: Means, todo: string[]): DraftService | undefined {
  const { name, source } = store;
  const origin = store.guessed === true ? `guessed: ${source} names a ${store.store} client` : `from ${source}`;
  if (store.store === "postgres") return postgresService(store, origin);
  if (store.store === "mail") {
    todo.push(
      `${name}: ${source} catches mails with ${store.image}; nothing here stands for it. Mails go where the app's variables say`,
    );
    return undefined;
  }
  const { program, image, protocol } = RECIPES[store.store];
  if (program !== undefined && means.hasProgram(program[0])) {
    return service(store, program[1], protocol, new Map([["command", origin]]));
  }
  const tool = program?.[0] ?? store.store;
  if (!means.hasProgram("docker")) {
    todo.push(
      `${name}: there is neither ${tool} nor docker here. Install one of them, then run cove init --force; or name a running one with external`,
    );
    return undefined;
  }
  const [usual, port, data, more] = image;
  const words = [
    "docker run --rm -p $HOST:$PORT:",
    String(port),
    ` -v cove-${name}:${data} `,
    more === "" ? "" : `${more} `,
    store.image ?? usual,
  ];
  const notes = new Map([["command", `${origin}; by Docker, since Cove has no ${tool} of its own`]]);
  return service(store, words.join(""), protocol, notes);
}

function postgresService(store: DraftStore, origin: string): DraftService {
  const { name, database, user, password, init = [], standardPort, source } = store;
  return {
    ...{ name, kind: "postgres", command: "", source, notes: new Map([["", origin], ...addressNote(store)]) },
    options: {
      ...(database !== undefined && { database }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(init.length > 0 && { init }),
      ...(standardPort !== undefined && { address: "own" }),
    },
  };
}

function addressNote({ standardPort }: DraftStore): [string, string][] {
  return standardPort === undefined ? [] : [["address", `guessed: ${standardPort} has its host and no port`]];
}

function service(
  store: DraftStore,
  command: string,
  protocol: string,
  notes: ReadonlyMap<string, string>,
): DraftService {
  const { name, source, standardPort } = store;
  const options = { protocol, ...(standardPort !== undefined && { address: "own" }) };
  return { name, kind: "command", command, options, notes: new Map([...notes, ...addressNote(store)]), source };
}
