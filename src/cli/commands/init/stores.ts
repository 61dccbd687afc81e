import type { DraftService, Means } from "./draft-service.ts";
import type { StoreFinding, StoreType } from "./readers/finding.ts";

/** A store with the name of its service. */
export interface DraftStore extends StoreFinding {
  readonly name: string;
  /** No file names it: an app's packages speak to one. */
  readonly guessed?: true;
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
    return service(name, program[1], protocol, new Map([["command", origin]]), source);
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
  return service(name, words.join(""), protocol, notes, source);
}

function postgresService(
  { name, database, user, password, init = [], source }: DraftStore,
  origin: string,
): DraftService {
  return {
    ...{ name, kind: "postgres", command: "", source, notes: new Map([["", origin]]) },
    options: {
      ...(database !== undefined && { database }),
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
      ...(init.length > 0 && { init }),
    },
  };
}

function service(
  name: string,
  command: string,
  protocol: string,
  notes: ReadonlyMap<string, string>,
  source: string,
): DraftService {
  return { name, kind: "command", command, options: { protocol }, notes, source };
}
