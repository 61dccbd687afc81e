/** A library that is tried with 200 requests at once. */
export interface LibraryRow {
  readonly name: string;
  /** What is installed for it. */
  readonly packages: readonly string[];
  readonly upstream: "postgres" | "redis" | "mysql";
  /** The program is an ES module. Default: CommonJS. */
  readonly esm?: true;
  /** Declares `say(id)`, which sends statements that name the id; DB_URL says where to. */
  readonly setUp: string;
  /** Statements of each call that name it. */
  readonly each: number;
}

const PG = `const { Pool } = require("pg"); const db = new Pool({ connectionString: process.env.DB_URL, max: 10 });`;
const POSTGRES_SAY = `async function say(id) {
  await sql\`select 1, \${id}::text\`;
  await sleep(Math.random() * 4);
  await Promise.all([sql\`select 2, \${id}::text\`, sql.unsafe("select 3 /* " + id + " */")]);
  await sql.begin(async (tx) => { await tx\`select 5, \${id}::text\`; await tx\`select 6, \${id}::text\`; });
}`;
const REDIS_SAY = `async function say(id) {
  await db.set("k:" + id, "v");
  await sleep(Math.random() * 4);
  await Promise.all([db.get("k:" + id), db.get("l:" + id), db.get("m:" + id)]);
  await db.multi().set("n:" + id, "1").get("o:" + id).exec();
}`;

export const LIBRARIES: readonly LibraryRow[] = [
  {
    ...{ name: "pg: one client", packages: ["pg"], upstream: "postgres", each: 3 },
    setUp: `const { Client } = require("pg"); const db = new Client({ connectionString: process.env.DB_URL }); db.connect();
async function say(id) {
  await db.query("select 1 /* " + id + " */"); await sleep(Math.random() * 4);
  await Promise.all([db.query("select 2, $1::text", [id]), db.query({ name: "n", text: "select 3, $1::text", values: [id] })]);
}`,
  },
  {
    ...{ name: "pg: pipeline", packages: ["pg"], upstream: "postgres", each: 3 },
    setUp: `const { Client } = require("pg"); const db = new Client({ connectionString: process.env.DB_URL, pipeline: true }); db.connect();
async function say(id) {
  await db.query("select 1, $1::text", [id]); await sleep(Math.random() * 4);
  await Promise.all([db.query("select 2, $1::text", [id]), db.query("select 3, $1::text", [id])]);
}`,
  },
  {
    ...{ name: "pg: transactions", packages: ["pg"], upstream: "postgres", each: 4 },
    setUp: `${PG}
async function say(id) {
  const one = await db.connect();
  for (const text of ["begin", "select 1", "select 2", "commit"]) await one.query(text + " /* " + id + " */"), await sleep(1);
  one.release();
}`,
  },
  {
    ...{ name: "pg: events, cursors, streams", packages: ["pg", "pg-cursor", "pg-query-stream"], upstream: "postgres" },
    ...{ each: 5 },
    setUp: `${PG} const side = new Pool({ connectionString: process.env.DB_URL, max: 10 });
const Cursor = require("pg-cursor"); const Stream = require("pg-query-stream"); const { Query } = require("pg");
async function say(id) {
  const one = await db.connect();
  const cursor = one.query(new Cursor("select n, $1::text from generate_series(1, 5) n", [id]));
  await new Promise((done) => cursor.read(2, () => side.query("select 1 /* " + id + " */", () => cursor.close(done))));
  await new Promise((done, failed) => {
    const stream = one.query(new Stream("select n, $1::text from generate_series(1, 5) n", [id]));
    let first = true;
    stream.on("data", () => { if (first) { first = false; side.query("select 2 /* " + id + " */").catch(failed); } });
    stream.on("end", done).on("error", failed);
  });
  await new Promise((done, failed) => one.query(new Query("select 3 /* " + id + " */")).on("end", done).on("error", failed));
  one.release();
}`,
  },
  {
    ...{ name: "postgres.js", packages: ["postgres"], upstream: "postgres", each: 5 },
    setUp: `const sql = require("postgres")(process.env.DB_URL, { max: 10 });\n${POSTGRES_SAY}`,
  },
  {
    ...{ name: "postgres.js, as a module", packages: ["postgres"], upstream: "postgres", esm: true, each: 5 },
    setUp: `import postgres from "postgres"; const sql = postgres(process.env.DB_URL, { max: 10 });\n${POSTGRES_SAY}`,
  },
  {
    ...{ name: "postgres.js, one connection", packages: ["postgres"], upstream: "postgres", each: 5 },
    setUp: `const sql = require("postgres")(process.env.DB_URL, { max: 1 });\n${POSTGRES_SAY}`,
  },
  {
    ...{ name: "postgres.js, prepare: false", packages: ["postgres"], upstream: "postgres", each: 5 },
    setUp: `const sql = require("postgres")(process.env.DB_URL, { max: 10, prepare: false });\n${POSTGRES_SAY}`,
  },
  {
    ...{ name: "Knex", packages: ["knex", "pg"], upstream: "postgres", each: 3 },
    setUp: `const knex = require("knex")({ client: "pg", connection: process.env.DB_URL, pool: { min: 0, max: 10 } });
async function say(id) {
  await knex.raw("select 1, ?::text", [id]); await sleep(Math.random() * 4);
  await knex.transaction(async (tx) => { await tx.raw("select 2, ?::text", [id]); await tx.raw("select 3, ?::text", [id]); });
}`,
  },
  {
    ...{ name: "Drizzle", packages: ["drizzle-orm", "pg"], upstream: "postgres", each: 3 },
    setUp: `${PG} const { drizzle } = require("drizzle-orm/node-postgres"); const { sql } = require("drizzle-orm"); const d = drizzle({ client: db });
async function say(id) {
  await d.execute(sql\`select 1, \${id}::text\`); await sleep(Math.random() * 4);
  await Promise.all([d.execute(sql\`select 2, \${id}::text\`), d.execute(sql\`select 3, \${id}::text\`)]);
}`,
  },
  {
    ...{ name: "Kysely", packages: ["kysely", "pg"], upstream: "postgres", esm: true, each: 3 },
    setUp: `import pg from "pg"; import { Kysely, PostgresDialect, sql } from "kysely";
const k = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: process.env.DB_URL, max: 10 }) }) });
async function say(id) {
  await sql\`select 1, \${id}::text\`.execute(k); await sleep(Math.random() * 4);
  await k.transaction().execute(async (tx) => { await sql\`select 2, \${id}::text\`.execute(tx); await sql\`select 3, \${id}::text\`.execute(tx); });
}`,
  },
  {
    ...{ name: "TypeORM", packages: ["typeorm", "reflect-metadata", "pg"], upstream: "postgres", each: 3 },
    setUp: `require("reflect-metadata"); const { DataSource } = require("typeorm");
const source = new DataSource({ type: "postgres", url: process.env.DB_URL, poolSize: 10 }); const ready = source.initialize();
async function say(id) {
  await ready; await source.query("select 1, $1::text", [id]); await sleep(Math.random() * 4);
  await source.transaction(async (tx) => { await tx.query("select 2, $1::text", [id]); await tx.query("select 3, $1::text", [id]); });
}`,
  },
  {
    ...{ name: "Sequelize", packages: ["sequelize", "pg"], upstream: "postgres", each: 3 },
    setUp: `const { Sequelize } = require("sequelize"); const s = new Sequelize(process.env.DB_URL, { logging: false, pool: { max: 10, acquire: 60000 } });
async function say(id) {
  await s.query("select 1 /* " + id + " */"); await sleep(Math.random() * 4);
  await Promise.all([s.query("select 2 /* " + id + " */"), s.query("select 3, $1::text", { bind: [id] })]);
}`,
  },
  {
    ...{ name: "ioredis", packages: ["ioredis"], upstream: "redis", each: 6 },
    setUp: `const Redis = require("ioredis"); const db = new Redis(process.env.DB_URL);\n${REDIS_SAY}`,
  },
  {
    ...{ name: "ioredis, pipelines by itself", packages: ["ioredis"], upstream: "redis", each: 6 },
    setUp: `const Redis = require("ioredis"); const db = new Redis(process.env.DB_URL, { enableAutoPipelining: true });\n${REDIS_SAY}`,
  },
  {
    ...{ name: "redis", packages: ["redis"], upstream: "redis", each: 6 },
    setUp: `const db = require("redis").createClient({ url: process.env.DB_URL }); db.connect();\n${REDIS_SAY}`,
  },
  {
    ...{ name: "mysql2: a pool, by callbacks and promises", packages: ["mysql2"], upstream: "mysql", each: 4 },
    setUp: `const db = require("mysql2").createPool({ uri: process.env.DB_URL, connectionLimit: 10 });
async function say(id) {
  await new Promise((done, failed) => db.query("select 1 /* " + id + " */", (error) => {
    if (error) return failed(error);
    db.query("select 2 /* " + id + " */", (error) => error ? failed(error) : done());
  }));
  await sleep(Math.random() * 4);
  await Promise.all([db.promise().query("select 3 /* " + id + " */"), db.promise().query("select 4 /* " + id + " */")]);
}`,
  },
  {
    ...{ name: "mysql2: one connection", packages: ["mysql2"], upstream: "mysql", each: 3 },
    setUp: `const ready = require("mysql2/promise").createConnection({ uri: process.env.DB_URL });
async function say(id) {
  const db = await ready;
  await db.query("select 1 /* " + id + " */"); await sleep(Math.random() * 4);
  await Promise.all([db.query("select 2 /* " + id + " */"), db.query("select 3 /* " + id + " */")]);
}`,
  },
];

/** The program of a row: a server that says what is asked for. */
export function programOf({ esm, setUp }: LibraryRow): { readonly file: string; readonly text: string } {
  const http = esm === true ? `import http from "node:http";` : `const http = require("node:http");`;
  const text = `${http}
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
${setUp}
http.createServer(async (req, res) => {
  const { pathname, searchParams } = new URL(req.url, "http://a");
  if (pathname === "/up") return res.end();
  try {
    await say(searchParams.get("id"));
    res.end("done");
  } catch (error) {
    console.error(error);
    res.statusCode = 500;
    res.end(String(error));
  }
}).listen(process.env.PORT, "127.0.0.1");
`;
  return { file: esm === true ? "server.mjs" : "server.cjs", text };
}
