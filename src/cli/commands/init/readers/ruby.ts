import type { Finding, Reader, StoreType } from "./finding.ts";
import { within } from "./folder-view.ts";

const GEMS: readonly (readonly [RegExp, StoreType])[] = [
  [/^\s*gem\s+["']pg["']/m, "postgres"],
  [/^\s*gem\s+["'](mysql2|trilogy)["']/m, "mysql"],
  [/^\s*gem\s+["'](redis|sidekiq|resque)["']/m, "redis"],
];

/** Rails and Rack apps: Gemfile, config/database.yml, config.ru. */
export const ruby: Reader = {
  reads: "`Gemfile`, `config/database.yml`, `config.ru`",
  read: (view, folder) => {
    const source = within(folder, "Gemfile");
    const gems = view.text(source);
    if (gems === null) return [];
    const database = view.text(within(folder, "config/database.yml")) ?? "";
    const uses = GEMS.filter(([pattern]) => pattern.test(gems)).map(([, store]) => store);
    const isRails = /^\s*gem\s+["']rails["']/m.test(gems);
    if (!isRails && !view.exists(within(folder, "config.ru"))) return [];
    const command = isRails ? "bin/rails server" : "bundle exec rackup";
    const variables = [...database.matchAll(/^\s*(\w+):\s*<%=\s*ENV(?:\.fetch\(|\[)\s*["'](\w+)["']/gm)];
    return [
      {
        ...{ type: "app", folder, command, role: "page", uses, source },
        ...(isRails && { migrate: "bin/rails db:prepare" }),
      },
      ...variables.flatMap(([, field = "", name = ""]): Finding[] => {
        const examples: Record<string, string> = {
          host: "localhost",
          port: "5432",
          username: "user",
          database: "database",
        };
        const value = examples[field] ?? (field === "password" ? "password" : null);
        return value === null ? [] : [{ type: "variable", folder, name, value: `field:${value}`, source }];
      }),
    ];
  },
};
