import type { AppFinding, Reader, StoreType } from "./finding.ts";
import { within } from "./folder-view.ts";

const MODULES: readonly (readonly [RegExp, StoreType])[] = [
  [/github\.com\/(jackc\/pgx|lib\/pq)|gorm\.io\/driver\/postgres/, "postgres"],
  [/github\.com\/go-sql-driver\/mysql|gorm\.io\/driver\/mysql/, "mysql"],
  [/github\.com\/(redis\/go-redis|go-redis\/redis|gomodule\/redigo)/, "redis"],
  [/go\.mongodb\.org\/mongo-driver/, "mongodb"],
];

/** A tool of the project's own is a main package, too. */
const SERVES = /ListenAndServe|net\.Listen|\.(Run|Listen|Start)\(/;

/** go.mod: the module's main packages that listen. */
export const go: Reader = {
  reads: "`go.mod` and main packages",
  read: (view, folder) => {
    const source = within(folder, "go.mod");
    // What others need is no choice of this module's.
    const module = view.text(source)?.replace(/^.*\/\/ indirect.*$/gm, "");
    if (module === undefined) return [];
    const uses = MODULES.filter(([pattern]) => pattern.test(module)).map(([, store]) => store);
    const places = [".", ...view.folders(within(folder, "cmd")).map((name) => `cmd/${name}`)];
    const mains = places.filter((place) =>
      view
        .files(within(folder, place))
        .some(
          (name) => /\.go$/.test(name) && /^package main$/m.test(view.text(within(folder, `${place}/${name}`)) ?? ""),
        ),
    );
    const serving = mains.filter((place) =>
      view
        .files(within(folder, place))
        .some((name) => SERVES.test(view.text(within(folder, `${place}/${name}`)) ?? "")),
    );
    return (serving.length > 0 ? serving : mains.slice(0, 1)).map((place): AppFinding => {
      const name = place === "." ? undefined : place.slice("cmd/".length);
      const command = `go run ./${place === "." ? "" : place}`;
      return {
        type: "app",
        folder,
        command,
        role: "api",
        uses,
        source,
        ...(name !== undefined && { name, listed: true }),
      };
    });
  },
};
