/** A database server, and how it likes to be stopped. */
export interface DatabaseServer {
  readonly name: string;
  /** The signal that makes it write everything and end without waiting for its clients. */
  readonly signal: "SIGTERM" | "SIGINT";
  /** The command that stops it properly. */
  readonly stop: (port: number) => string;
}

const service = (unit: string) => () => `systemctl stop ${unit}`;

/** By the program's name; those that run in a virtual machine (Java, Erlang) by what their command line says. */
const SERVERS: readonly (readonly [RegExp, DatabaseServer])[] = [
  // SIGTERM would wait for every client to go; SIGINT is the fast shutdown (pg_ctl(1)).
  [
    /^(postgres|postmaster)$/,
    { name: "PostgreSQL", signal: "SIGINT", stop: () => "pg_ctl stop -m fast -D <data folder>" },
  ],
  [
    /^(mysqld|mariadbd)$/,
    { name: "MySQL", signal: "SIGTERM", stop: (port) => `mysqladmin -h 127.0.0.1 -P ${port} shutdown` },
  ],
  [
    /^(redis|valkey|keydb)-server$/,
    { name: "Redis", signal: "SIGTERM", stop: (port) => `redis-cli -p ${port} shutdown` },
  ],
  [
    /^mongo[ds]$/,
    { name: "MongoDB", signal: "SIGTERM", stop: (port) => `mongosh --port ${port} admin --eval "db.shutdownServer()"` },
  ],
  [/^clickhouse(-server)?$/, { name: "ClickHouse", signal: "SIGTERM", stop: service("clickhouse-server") }],
  [/^cockroach$/, { name: "CockroachDB", signal: "SIGTERM", stop: () => "cockroach node drain" }],
  [/^influxd$/, { name: "InfluxDB", signal: "SIGTERM", stop: service("influxdb") }],
  [/^etcd$/, { name: "etcd", signal: "SIGTERM", stop: service("etcd") }],
  [/^sqlservr$/, { name: "SQL Server", signal: "SIGTERM", stop: service("mssql-server") }],
  [/^org\.elasticsearch\b/, { name: "Elasticsearch", signal: "SIGTERM", stop: service("elasticsearch") }],
  [/^org\.opensearch\b/, { name: "OpenSearch", signal: "SIGTERM", stop: service("opensearch") }],
  [/^org\.apache\.cassandra\b/, { name: "Cassandra", signal: "SIGTERM", stop: () => "nodetool stopdaemon" }],
  [/^org\.neo4j\b/, { name: "Neo4j", signal: "SIGTERM", stop: () => "neo4j stop" }],
];

/** The database server that a process is, by its program and command line; null for anything else. */
export function databaseServer(program: string | null, command: string | null): DatabaseServer | null {
  const words = command?.split(/\s+/) ?? [];
  const first = (words[0] ?? "").replace(/^.*[/\\]/, "").replace(/:$/, "");
  const names = [program?.replace(/\.exe$/i, "") ?? "", first.replace(/\.exe$/i, "")];
  // A virtual machine's program says nothing; its main class does.
  if (names.some((name) => /^(java|javaw)$/.test(name))) names.push(...words.slice(1));
  for (const name of names) {
    for (const [pattern, server] of SERVERS) if (pattern.test(name)) return server;
  }
  return null;
}
