import type { AppFinding, Reader } from "./finding.ts";
import { type FolderView, within } from "./folder-view.ts";
import { textsIn } from "./package-json.ts";

/** Pages in PHP without packages, in the folder or where the web server of an image has them. */
function plainPages(view: FolderView, folder: string): AppFinding[] {
  const [place] = ["public", "src", "html", "www", "."].filter((name) =>
    view.exists(within(folder, `${name}/index.php`)),
  );
  if (place === undefined || view.exists(within(folder, "../composer.json"))) return [];
  const source = within(folder, `${place}/index.php`);
  return [
    { type: "app", folder, command: `php -S $HOST:$PORT${place === "." ? "" : ` -t ${place}`}`, role: "page", source },
  ];
}

/** composer.json: Laravel's artisan, Symfony, or a public folder. */
export const php: Reader = {
  reads: "`composer.json`, `artisan`, `index.php`",
  read: (view, folder) => {
    const source = within(folder, "composer.json");
    const manifest = view.json(source);
    if (manifest === null) return plainPages(view, folder);
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
