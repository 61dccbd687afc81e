import type { AppFinding, Reader } from "./finding.ts";
import { within } from "./folder-view.ts";

/** Procfile.dev, else Procfile: a line for each process. `release` runs at deployments only. */
export const procfile: Reader = {
  reads: "`Procfile`, `Procfile.dev`",
  rootOnly: true,
  read: (view, folder) => {
    const source = ["Procfile.dev", "Procfile"].map((name) => within(folder, name)).find((path) => view.exists(path));
    const lines = (source === undefined ? null : view.text(source))?.split(/\r?\n/) ?? [];
    return lines.flatMap((line): AppFinding[] => {
      const [, name = "", command = ""] = /^([\w-]+):\s*(\S.*)$/.exec(line) ?? [];
      if (source === undefined || name === "" || name === "release") return [];
      const role = /^(web|server|api|app)$/.test(name)
        ? "api"
        : /^(vite|client|frontend|ui)$/.test(name)
          ? "page"
          : "worker";
      return [{ type: "app", folder, name, command: command.trim(), role, listed: true, source }];
    });
  },
};
