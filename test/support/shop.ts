import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { scratch } from "./scratch.ts";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A copy of the example that a test may edit. */
export function shop(): string {
  const folder = scratch("shop");
  cpSync(join(root, "examples/shop"), folder, {
    recursive: true,
    filter: (path) => !/node_modules|tsconfig/.test(path.slice(root.length)),
  });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  // The packages lie outside of the copy, where Vite serves nothing from unless told so. Its cache would lie there too, where
  // another copy's Vite, started at the same moment, writes its own.
  const config = join(folder, "web/vite.config.ts");
  const own = `cacheDir: ${JSON.stringify(join(folder, ".vite"))}, server: { fs: { strict: false },`;
  writeFileSync(
    config,
    readFileSync(config, "utf8").replace("server: {", () => own),
  );
  return folder;
}
