// In front of a `cove` command (node --import): at its end, writes what it had loaded to the file that COVE_TEST_LOADED names.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename } from "node:path";
import { isMainThread } from "node:worker_threads";

if (isMainThread && basename(process.argv[1] ?? "") === "cove.js") {
  const urls = [];
  registerHooks({
    load: (url, context, next) => {
      urls.push(url);
      return next(url, context);
    },
  });
  process.once("exit", () => {
    const inside = process.moduleLoadList.map((name) => name.replace(/^NativeModule /, ""));
    writeFileSync(process.env.COVE_TEST_LOADED, JSON.stringify({ urls, inside }));
  });
}
