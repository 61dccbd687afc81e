import type { Row } from "../row.ts";

const web = {
  "web/index.html": `<!doctype html><title>web</title><main></main><script type="module" src="/main.js"></script>`,
  "web/main.js": `document.querySelector("main").textContent = "workspace says one";`,
  "web/package.json": JSON.stringify({
    name: "web",
    version: "1.0.0",
    private: true,
    type: "module",
    scripts: { dev: "vite" },
    dependencies: { vite: "7.3.1" },
  }),
};

const seen = {
  page: { says: "workspace says one" },
  edit: { file: "web/main.js", from: "says one", to: "says two", says: "workspace says two" },
  webSocket: /^\/$/,
} as const;

const root = (more: object) => JSON.stringify({ private: true, workspaces: ["web"], ...more });

/** A dev server of one package, started from the root of several. */
export const WORKSPACES: readonly Row[] = [
  {
    ...seen,
    name: "npm-workspaces",
    version: ["npm", "--version"],
    title: "npm workspaces, npm run -w web dev",
    files: { ...web, "package.json": root({}) },
    install: [["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]],
    run: ["npm", "run", "-w", "web", "dev"],
  },
  {
    ...seen,
    name: "npm-workspaces-script",
    version: ["npm", "--version"],
    title: "npm workspaces, a script at the root",
    files: { ...web, "package.json": root({ scripts: { dev: "npm run dev -w web" } }) },
    install: [["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]],
  },
  {
    ...seen,
    name: "pnpm-filter",
    title: "pnpm --filter",
    packages: { pnpm: "10.20.0" },
    files: {
      ...web,
      "package.json": "{}",
      "pnpm-workspace.yaml": "packages: [web]\nonlyBuiltDependencies: [esbuild]\n",
    },
    install: [["npx", "--yes", "pnpm@10.20.0", "install"]],
    run: ["pnpm", "--filter", "web", "dev"],
  },
  {
    ...seen,
    name: "yarn-workspace",
    title: "yarn workspace",
    packages: { yarn: "1.22.22" },
    files: { ...web, "package.json": root({}) },
    install: [["npx", "--yes", "yarn@1.22.22", "install", "--silent"]],
    run: ["yarn", "workspace", "web", "dev"],
  },
  {
    ...seen,
    name: "turbo",
    title: "Turborepo",
    packages: { turbo: "2.11.11" },
    files: {
      ...web,
      "package.json": root({ packageManager: "npm@10.8.2" }),
      "turbo.json": JSON.stringify({ tasks: { dev: { cache: false, persistent: true } } }),
    },
    env: { TURBO_TELEMETRY_DISABLED: "1" },
    dev: "turbo run dev --filter=web",
  },
  {
    ...seen,
    name: "concurrently",
    title: "concurrently",
    packages: { concurrently: "9.2.1", vite: "7.3.1" },
    files: {
      "index.html": web["web/index.html"],
      "main.js": web["web/main.js"],
      "ticks.js": `setInterval(() => console.log("tick"), 10_000);\n`,
    },
    edit: { ...seen.edit, file: "main.js" },
    dev: `concurrently vite "node ticks.js"`,
  },
];
