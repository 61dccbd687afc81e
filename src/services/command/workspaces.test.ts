import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { withFrameworkFlags } from "./framework-flags.ts";

const AT = { host: "127.0.0.1", port: 61007 };
const flagged = (command: string, cwd: string) => withFrameworkFlags(command, AT, cwd);

describe("packages of a workspace are looked into", () => {
  function workspace(files: Record<string, unknown>): string {
    const root = scratch("workspace");
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), typeof content === "string" ? content : JSON.stringify(content));
    }
    return root;
  }
  const members = {
    "apps/web/package.json": { name: "@shop/web", scripts: { dev: "vite", serve: "vite preview" } },
    "apps/api/package.json": { name: "api", scripts: { dev: "node server.js", docs: "npm run dev -w docs" } },
    "docs/package.json": { name: "docs", scripts: { dev: "next dev" } },
  };
  const scripts = {
    dev: "npm run dev -w @shop/web",
    pnpmDev: "pnpm --filter web dev",
    yarnDev: "yarn workspace @shop/web dev",
    turboDev: "turbo run dev --filter=web",
    cdDev: "cd apps/web && npm run dev",
    types: "tsc -w",
  };
  const npm = () => workspace({ ...members, "package.json": { workspaces: ["apps/*", "docs"], scripts } });
  const pnpm = () =>
    workspace({
      ...members,
      "package.json": { scripts },
      "pnpm-workspace.yaml": `# all\npackages:\n  - "apps/*"\n  - docs\ncatalog:\n  - x\n`,
    });
  const vite = "--port 61007 --host 127.0.0.1 --strictPort";
  const next = "--port 61007 --hostname 127.0.0.1";

  test.each([
    ["npm run dev -w @shop/web", ` -- ${vite}`],
    ["npm run dev -w web", ` -- ${vite}`],
    ["npm run dev --workspace=apps/web", ` -- ${vite}`],
    ["npm run -w docs dev", ` -- ${next}`],
    ["npm -w docs run dev", ` -- ${next}`],
    ["npm run dev -w docs -- --turbo", ` ${next}`],
    ["npm run dev --prefix apps/web", ` -- ${vite}`],
    ["npm -C apps/web run dev", ` -- ${vite}`],
    ["npm run dev", ` -- -- ${vite}`],
    ["npm run cdDev", ` -- -- ${vite}`],
    ["cd docs && npm run dev", ` -- ${next}`],
    ["npm run pnpmDev", ` -- ${vite}`],
    ["npm run yarnDev", ` -- ${vite}`],
    ["npm run turboDev", ` -- -- ${vite}`],
    ["pnpm dev", ` -- ${vite}`],
    ["pnpm --filter web dev", ` ${vite}`],
    ["pnpm -F docs run dev", ` ${next}`],
    ["pnpm --filter ./apps/web dev", ` ${vite}`],
    ["pnpm -C docs dev", ` ${next}`],
    ["pnpm --filter web exec vite", ` ${vite}`],
    ["yarn workspace docs dev", ` ${next}`],
    ["yarn workspace docs run dev", ` ${next}`],
    ["yarn --cwd apps/web dev", ` ${vite}`],
    ["turbo run serve", ` -- ${vite}`],
    ["turbo dev --filter docs", ` -- ${next}`],
    ["npx turbo dev -F docs", ` -- ${next}`],
    ["pnpm turbo run dev --filter=docs", ` -- ${next}`],
    ["npm exec turbo -- run dev --filter=docs", ` -- ${next}`],
    ["pnpm exec cross-env A=b vite", ` ${vite}`],
    ["lerna run dev --scope docs --stream", ` -- ${next}`],
    // another program, several, or none that is known
    ["npm run dev -w api", ""],
    ["npm run dev -w web -w docs", ""],
    ["npm run dev --workspaces", ""],
    ["npm run dev -w absent", ""],
    ["pnpm --filter web --filter docs dev", ""],
    ["pnpm --filter './apps/*' dev", ""],
    ["turbo run dev", ""],
    ["yarn workspace web absent", ""],
    // its `--` may get lost
    ["yarn dev", ""],
    ["bun run dev", ""],
  ])("%s", (command, added) => {
    for (const root of [npm(), pnpm()]) expect(flagged(command, root)).toBe(command + added);
  });

  test("from a package of it, with the other kinds of lists, and without any", () => {
    expect(flagged("pnpm --filter web dev", join(pnpm(), "docs"))).toBe(`pnpm --filter web dev ${vite}`);
    const inline = workspace({ ...members, "pnpm-workspace.yaml": "packages: ['apps/*', \"docs\"]" });
    expect(flagged("pnpm --filter docs dev", inline)).toBe(`pnpm --filter docs dev ${next}`);
    const object = workspace({ ...members, "package.json": { workspaces: { packages: ["**", "!docs"] } } });
    expect(flagged("yarn workspace web dev", object)).toBe(`yarn workspace web dev ${vite}`);
    expect(flagged("yarn workspace docs dev", object)).toBe("yarn workspace docs dev");
    expect(flagged("npm run dev -w web", workspace(members))).toBe("npm run dev -w web");
  });

  test("two of one name without their scopes are not one", () => {
    const twice = workspace({
      ...members,
      "apps/old/package.json": { name: "@old/web", scripts: { dev: "next dev" } },
      "package.json": { workspaces: ["apps/*"] },
    });
    expect(flagged("pnpm --filter web dev", twice)).toBe("pnpm --filter web dev");
    expect(flagged("pnpm --filter @old/web dev", twice)).toBe(`pnpm --filter @old/web dev ${next}`);
  });
});
