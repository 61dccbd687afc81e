import type { Reader } from "./finding.ts";
import { within } from "./folder-view.ts";
import { textsIn } from "./package-json.ts";

/** composer.json: Laravel's artisan, Symfony, or a public folder. */
export const php: Reader = {
  reads: "`composer.json`, `artisan`",
  read: (view, folder) => {
    const source = within(folder, "composer.json");
    const manifest = view.json(source);
    if (manifest === null) return [];
    const uses = "predis/predis" in textsIn(manifest.require) ? (["redis"] as const) : [];
    const missing = view.exists(within(folder, "vendor")) ? {} : { missing: "composer install" };
    if (view.exists(within(folder, "artisan"))) {
      const migrate = "php artisan migrate --force";
      return [{ type: "app", folder, command: "php artisan serve", role: "page", uses, migrate, ...missing, source }];
    }
    if (!view.exists(within(folder, "public/index.php"))) return [];
    return [
      { type: "app", folder, command: "php -S localhost:8000 -t public", role: "page", uses, ...missing, source },
    ];
  },
};
