import type { Finding, Reader } from "./finding.ts";
import { within } from "./folder-view.ts";

const FILES = [
  "config/config.json",
  "config/config.js",
  "config/database.js",
  "knexfile.js",
  "knexfile.ts",
  "ormconfig.json",
];
const DIALECT = /["']?(?:dialect|client|type)["']?\s*:\s*["'](postgres|postgresql|pg|mysql2?|mariadb)["']/;
/** `host: process.env.DEV_DB_HOSTNAME`: what a variable is for. */
const FIELDS: readonly (readonly [RegExp, string])[] = [
  [/^(host|hostname|server)$/, "localhost"],
  [/^port$/, "5432"],
  [/^(user|username)$/, "user"],
  [/^password$/, "password"],
  [/^database$/, "database"],
  [/^(url|connectionString|connection)$/, "postgres://localhost/app"],
];

/** Configs of Sequelize, Knex and TypeORM: which database, and the variables that say where. */
export const sequelize: Reader = {
  reads: "Sequelize's `config/config.*`, `knexfile.*`, `ormconfig.json`",
  read: (view, folder) =>
    FILES.map((name) => within(folder, name)).flatMap((source): Finding[] => {
      const text = view.text(source) ?? "";
      const dialect = DIALECT.exec(text)?.[1];
      if (dialect === undefined) return [];
      const store = /^(my|maria)/.test(dialect) ? "mysql" : "postgres";
      const variables = [...text.matchAll(/["']?(\w+)["']?\s*:\s*process\.env\.(\w+)/g)];
      const isKnex = /knexfile/.test(source);
      const migrate = isKnex ? "npx knex migrate:latest" : "npx sequelize-cli db:migrate";
      return [
        { type: "uses", folder, store, source, ...(view.exists(within(folder, "migrations")) && { migrate }) },
        ...variables.flatMap(([, field = "", name = ""]): Finding[] => {
          const example = FIELDS.find(([pattern]) => pattern.test(field))?.[1];
          // Deployments have their own.
          if (example === undefined || /^(PROD|PRODUCTION|TEST|CI|STAGING)_/.test(name)) return [];
          return [{ type: "variable", folder, name, value: `field:${example}`, source }];
        }),
      ];
    }),
};
