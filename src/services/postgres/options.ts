import { z } from "zod";

export interface PostgresOptions {
  /** SQL files that run once, when the data is new; relative to the service's cwd. */
  readonly init?: string | readonly string[] | undefined;
  /** Name of the database. Default: the stack's or project's name. */
  readonly database?: string | undefined;
  /** Name of the owner, a superuser of this cluster. Default `cove`. */
  readonly user?: string | undefined;
  /** The owner's password, for apps that have one written down. Default: 144 random bits, kept beside the data. */
  readonly password?: string | undefined;
  /** `embedded` (default) comes with Cove; `system` is the one on PATH. */
  readonly engine?: "embedded" | "system" | undefined;
  /** Extensions to create in the database: `["pg_trgm", "citext"]`. */
  readonly extensions?: readonly string[] | undefined;
  /** Server settings as in postgresql.conf: `{ max_connections: "200" }`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>> | undefined;
}

const identifier = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, { error: "must be a plain name of at most 63 letters" });
const database = identifier.refine((name) => !/^template[01]$/.test(name), { error: "is one of Postgres' own" });
const user = identifier.refine((name) => !/^pg_/i.test(name), { error: "must not begin with pg_" });
const password = z
  .string({ error: "must be a text: put it in quotes" })
  .min(1, { error: "must not be empty; leave it out for a random one" })
  .max(500, { error: "must have at most 500 characters" })
  .regex(/^[^\p{Cc}]*$/u, { error: "must be one line, without control characters" });
/** Cove sets where and how it listens: a lease, a password, no socket in a shared folder. */
const OURS = /^(listen_addresses|port|unix_socket_directories|data_directory|hba_file|password_encryption)$/;

export const postgresSchema: z.ZodType<PostgresOptions> = z.strictObject({
  init: z
    .union([z.string().min(1), z.array(z.string().min(1))], { error: "must be a file's path or a list of them" })
    .optional()
    .describe("SQL files that run once, when the data is new; relative to the service's cwd. Default none"),
  database: database.optional().describe("Name of the database; default: the project's name"),
  user: user.optional().describe("Name of the owner; default cove"),
  password: password
    .optional()
    .describe("The owner's password, for apps that have one written down; default: a random one that is kept"),
  engine: z
    .enum(["embedded", "system"])
    .optional()
    .describe("embedded (default) comes with Cove; system is the one on PATH"),
  extensions: z.array(z.string().min(1)).optional().describe("Extensions to create in the database; default none"),
  settings: z
    .record(
      z
        .string()
        .regex(/^[a-z_][a-z0-9_.]*$/, { error: "is not a setting's name" })
        .refine((name) => !OURS.test(name), { error: "is set by Cove" }),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .optional()
    .describe("Server settings as in postgresql.conf; default: Postgres' own"),
});
