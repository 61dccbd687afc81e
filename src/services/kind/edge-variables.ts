import type { EdgeFacts, FactName, Family } from "./edge-facts.ts";

/** A variable that a consumer gets for an edge. */
export interface EdgeVariable {
  /** `<SERVICE>` stands for the service's name in capitals, `<service>` for its name; dashes are underscores in both. */
  readonly name: string;
  /** What its value is. It's left out where that isn't known. */
  readonly fact: FactName;
  readonly families: "all" | readonly Family[];
  /** Only where user or database is known: a database's bare address would be of no use there. */
  readonly withLogin?: true;
  /** Who looks for it. */
  readonly readBy: string;
}

const LOGIN: readonly Family[] = ["postgres", "mysql", "redis", "mongodb", "amqp"];
const SQL: readonly Family[] = ["postgres", "mysql"];
const POSTGRES: readonly Family[] = ["postgres"];
const MYSQL: readonly Family[] = ["mysql"];
const REDIS: readonly Family[] = ["redis"];
const MONGO: readonly Family[] = ["mongodb"];
const AMQP: readonly Family[] = ["amqp"];

type Row = readonly [name: string, fact: FactName];

const rows = (readBy: string, families: EdgeVariable["families"], list: readonly Row[]): EdgeVariable[] =>
  list.map(([name, fact]) => ({
    ...{ name, fact, families, readBy },
    ...(families !== "all" && families !== REDIS && fact === "url" && !isNamed(name) && { withLogin: true as const }),
  }));

/** Whether its name says which service it is about. */
const isNamed = (name: string): boolean => /<service>/i.test(name);

/** Those that name the service: each edge has its own. */
const NAMED = [
  ...rows("your own code", "all", [
    ["<SERVICE>_HOST", "host"],
    ["<SERVICE>_PORT", "port"],
    ["<SERVICE>_URL", "url"],
  ]),
  ...rows("your own code", LOGIN, [
    ["<SERVICE>_USER", "user"],
    ["<SERVICE>_USERNAME", "user"],
    ["<SERVICE>_PASSWORD", "password"],
    ["<SERVICE>_NAME", "database"],
    ["<SERVICE>_DATABASE", "database"],
  ]),
  ...rows("Java", SQL, [["<SERVICE>_JDBC_URL", "jdbc"]]),
  ...rows(".NET", [...SQL, ...REDIS], [["ConnectionStrings__<service>", "ado"]]),
];

/** Those of frameworks and libraries, which don't name it: left out where two edges would fill them differently. */
const CONVENTIONAL = [
  ...rows("Rails, Django, Prisma, Phoenix, Heroku's rules", SQL, [["DATABASE_URL", "url"]]),
  ...rows("Laravel, Sequelize, Knex, TypeORM, many others", SQL, [
    ["DB_HOST", "host"],
    ["DB_PORT", "port"],
    ["DB_URL", "url"],
    ["DB_USER", "user"],
    ["DB_USERNAME", "user"],
    ["DB_PASSWORD", "password"],
    ["DB_NAME", "database"],
    ["DB_DATABASE", "database"],
    ["DB_JDBC_URL", "jdbc"],
  ]),
  ...rows("Spring", SQL, [
    ["SPRING_DATASOURCE_URL", "jdbcPlain"],
    ["SPRING_DATASOURCE_USERNAME", "user"],
    ["SPRING_DATASOURCE_PASSWORD", "password"],
  ]),
  ...rows("Quarkus", SQL, [
    ["QUARKUS_DATASOURCE_JDBC_URL", "jdbcPlain"],
    ["QUARKUS_DATASOURCE_USERNAME", "user"],
    ["QUARKUS_DATASOURCE_PASSWORD", "password"],
  ]),
  ...rows("ASP.NET", SQL, [["ConnectionStrings__DefaultConnection", "ado"]]),
  ...rows("libpq: psql, psycopg, pgx, node-postgres, Ruby's pg", POSTGRES, [
    ["PGHOST", "host"],
    ["PGPORT", "port"],
    ["PGUSER", "user"],
    ["PGPASSWORD", "password"],
    ["PGDATABASE", "database"],
  ]),
  ...rows("apps made for compose files", POSTGRES, [
    ["POSTGRES_HOST", "host"],
    ["POSTGRES_SERVER", "host"],
    ["POSTGRES_PORT", "port"],
    ["POSTGRES_USER", "user"],
    ["POSTGRES_PASSWORD", "password"],
    ["POSTGRES_DB", "database"],
    ["POSTGRES_URL", "url"],
  ]),
  ...rows("apps made for compose files", MYSQL, [
    ["MYSQL_HOST", "host"],
    ["MYSQL_PORT", "port"],
    ["MYSQL_USER", "user"],
    ["MYSQL_PASSWORD", "password"],
    ["MYSQL_DATABASE", "database"],
    ["MYSQL_URL", "url"],
  ]),
  ...rows("Redis clients, Laravel, BullMQ, many others", REDIS, [
    ["REDIS_URL", "url"],
    ["REDIS_HOST", "host"],
    ["REDIS_PORT", "port"],
    ["REDIS_USERNAME", "user"],
    ["REDIS_PASSWORD", "password"],
  ]),
  ...rows("Spring", REDIS, [
    ["SPRING_DATA_REDIS_URL", "url"],
    ["SPRING_DATA_REDIS_HOST", "host"],
    ["SPRING_DATA_REDIS_PORT", "port"],
    ["SPRING_DATA_REDIS_USERNAME", "user"],
    ["SPRING_DATA_REDIS_PASSWORD", "password"],
  ]),
  ...rows("Mongoose and others", MONGO, [
    ["MONGODB_URI", "url"],
    ["MONGO_URL", "url"],
  ]),
  ...rows("Spring", MONGO, [["SPRING_DATA_MONGODB_URI", "url"]]),
  ...rows("RabbitMQ clients", AMQP, [
    ["AMQP_URL", "url"],
    ["RABBITMQ_URL", "url"],
  ]),
];

/** Every variable of an edge that follows from the service's facts, in the order of the docs. */
export const EDGE_VARIABLES: readonly EdgeVariable[] = [...NAMED, ...CONVENTIONAL];

interface VariablesOfEdge {
  readonly named: Readonly<Record<string, string>>;
  readonly conventional: Readonly<Record<string, string>>;
}

/** The variables of one edge to a service. */
export function variablesOf(service: string, family: Family, facts: EdgeFacts): VariablesOfEdge {
  const named: Record<string, string> = {};
  const conventional: Record<string, string> = {};
  const hasLogin = facts.user !== undefined || facts.database !== undefined;
  for (const { name, fact, families, withLogin } of EDGE_VARIABLES) {
    const value = facts[fact];
    if (value === undefined || (families !== "all" && !families.includes(family))) continue;
    if (withLogin === true && !hasLogin) continue;
    if (isNamed(name)) named[withService(name, service)] = value;
    else conventional[name] = value;
  }
  return { named, conventional };
}

/** Whether a conventional variable would be read as a fact of a service with this name: `DB_USER` of a service `db`. */
export function belongsTo(variable: string, service: string): boolean {
  return NAMED.some(({ name }) => withService(name, service) === variable);
}

function withService(name: string, service: string): string {
  return name
    .replace("<SERVICE>", () => variablePrefix(service))
    .replace("<service>", () => service.replaceAll("-", "_"));
}

/** `my-db` is `MY_DB` in variables. */
export function variablePrefix(service: string): string {
  return service.toUpperCase().replaceAll("-", "_");
}
