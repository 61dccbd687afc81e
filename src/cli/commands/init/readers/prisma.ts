import type { Finding, Reader, StoreType } from "./finding.ts";
import { isPlain, within } from "./folder-view.ts";

const PROVIDERS: Readonly<Record<string, StoreType>> = {
  ...{ postgresql: "postgres", postgres: "postgres", cockroachdb: "postgres", mysql: "mysql", mongodb: "mongodb" },
};

/** Prisma's schema: which database, and the variable that has its URL. */
export const prisma: Reader = {
  reads: "`prisma/schema.prisma`",
  read: (view, folder) => {
    const named = view.json(within(folder, "package.json"))?.prisma;
    const own = isPlain(named) && typeof named.schema === "string" ? [named.schema] : [];
    const source = [...own, "prisma/schema.prisma", "schema.prisma"]
      .map((name) => within(folder, name))
      .find((path) => view.exists(path));
    const block = /datasource\s+\w+\s*\{([^}]*)\}/.exec((source && view.text(source)) || "")?.[1];
    if (source === undefined || block === undefined) return [];
    const store = PROVIDERS[/provider\s*=\s*"(\w+)"/.exec(block)?.[1] ?? ""];
    if (store === undefined) return [];
    const variable = /\burl\s*=\s*env\("(\w+)"\)/.exec(block)?.[1];
    const hasMigrations = view.exists(source.replace("schema.prisma", "migrations"));
    const migrate = hasMigrations ? "npx prisma migrate deploy" : "npx prisma db push";
    const value = `${store === "postgres" ? "postgresql" : store}://localhost/app`;
    return [
      { type: "uses", folder, store, migrate, source },
      ...(variable === undefined
        ? []
        : [{ type: "variable", folder, name: variable, value, source } satisfies Finding]),
    ];
  },
};
