import type { Reader, StoreType } from "./finding.ts";
import { within } from "./folder-view.ts";

const SERVERS = /^(axum|actix-web|rocket|warp|poem|tide|hyper|salvo|tonic)\b/m;

/** Cargo.toml: a package with a main program that serves. */
export const rust: Reader = {
  reads: "`Cargo.toml`",
  read: (view, folder) => {
    const source = within(folder, "Cargo.toml");
    const manifest = view.text(source);
    if (manifest === null || !SERVERS.test(manifest) || !view.exists(within(folder, "src/main.rs"))) return [];
    const uses: StoreType[] = [
      ...(/^(tokio-postgres|postgres)\b|sqlx.*postgres|diesel.*postgres|sea-orm.*postgres/m.test(manifest)
        ? (["postgres"] as const)
        : []),
      ...(/^(redis|fred|deadpool-redis)\b/m.test(manifest) ? (["redis"] as const) : []),
    ];
    return [{ type: "app", folder, command: "cargo run", role: "api", uses, source }];
  },
};
