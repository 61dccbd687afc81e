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
  // The packages lie outside of the copy, where Vite serves nothing from unless told so.
  const config = join(folder, "web/vite.config.ts");
  writeFileSync(config, readFileSync(config, "utf8").replace("server: {", "server: { fs: { strict: false },"));
  return folder;
}
