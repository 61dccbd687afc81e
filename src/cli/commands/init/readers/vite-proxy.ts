import type { Finding, Reader } from "./finding.ts";
import { within } from "./folder-view.ts";

const CONFIGS =
  /^(vite\.config\.[cm]?[jt]s|next\.config\.[cm]?[jt]s|vue\.config\.js|proxy\.conf\.json|src\/setupProxy\.js)$/;

/** Proxy tables of dev servers: ports of this machine that a page's requests are sent to. */
export const viteProxy: Reader = {
  reads: "`vite.config.*`, `next.config.*`, `vue.config.js`, `package.json`: proxy tables",
  read: (view, folder) =>
    [...view.files(folder).filter((name) => CONFIGS.test(name)), "package.json"].flatMap((name) => {
      const source = within(folder, name);
      const text = name === "package.json" ? proxyOf(view.json(source)?.proxy) : (view.text(source) ?? "");
      const ports = [...text.matchAll(/(.*)["'`]https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]):(\d+)/g)];
      return ports.flatMap(([, before = "", port]): Finding[] => {
        // A fallback behind a variable gives way to what Cove sets.
        if (/(\?\?|\|\|)\s*$/.test(before) || before.trimStart().startsWith("//")) return [];
        return [{ type: "fixed-port", folder, port: Number(port), source }];
      });
    }),
};

const proxyOf = (value: unknown): string => (typeof value === "string" ? `"${value}"` : "");
