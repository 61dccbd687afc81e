import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { fixedPortOf, loopbackAdvice, withFrameworkFlags } from "./framework-flags.ts";
import { FRAMEWORKS } from "./frameworks.ts";

const AT = { host: "127.0.0.1", port: 61007 };
const flagged = (command: string, cwd = "/") => withFrameworkFlags(command, AT, cwd);

/** For webpack's dev server, whose page's client goes to the server's address otherwise. */
const PAGE_HOST = "--client-web-socket-url auto://0.0.0.0:0";

/** A command as people write it, and what is added to it. One line a row of the table, at least. */
const ADDED: readonly [command: string, added: string][] = [
  ["vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["vite web", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["vite preview", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["vitepress dev docs", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["astro dev", "--port 61007 --host 127.0.0.1"],
  ["ng serve", "--port 61007 --host 127.0.0.1"],
  ["react-router dev", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["remix vite:dev", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["vinxi dev", "--port 61007 --host 127.0.0.1"],
  ["nuxt dev", "--port 61007 --host 127.0.0.1"],
  ["nuxi dev", "--port 61007 --host 127.0.0.1"],
  ["next dev --turbopack", "--port 61007 --hostname 127.0.0.1"],
  ["next", "--port 61007 --hostname 127.0.0.1"],
  ["next start", "--port 61007 --hostname 127.0.0.1"],
  ["expo start", "--port 61007 --host localhost"],
  ["react-native start", "--port 61007 --host 127.0.0.1"],
  ["webpack serve --mode development", `--port 61007 --host 127.0.0.1 ${PAGE_HOST}`],
  ["webpack-dev-server", `--port 61007 --host 127.0.0.1 ${PAGE_HOST}`],
  ["rspack serve", "--port 61007"],
  ["rsbuild dev", "--port 61007 --host 127.0.0.1"],
  ["parcel index.html", "--port 61007 --host 127.0.0.1 --hmr-host 0.0.0.0"],
  ["gatsby develop", "--port 61007 --host 127.0.0.1"],
  ["vue-cli-service serve", "--port 61007 --host 127.0.0.1"],
  ["ember serve", "--port 61007 --host 127.0.0.1"],
  ["quasar dev", "--port 61007 --hostname 127.0.0.1"],
  ["react-scripts start", ""],
  ["storybook dev", "--port 61007 --host 127.0.0.1 --exact-port"],
  ["docusaurus start", "--port 61007 --host 127.0.0.1"],
  ["deno run main.ts", ""],
  ["eleventy --serve", "--port=61007"],
  ["browser-sync start --server", "--port 61007 --listen 127.0.0.1 --no-open"],
  ["esbuild main.js --servedir=public", "--serve=127.0.0.1:61007"],
  ["esbuild main.js --serve --servedir=public", "--serve=127.0.0.1:61007"],
  ["web-dev-server --watch", "--port 61007 --hostname 127.0.0.1"],
  ["farm start", "--port 61007 --host 127.0.0.1"],
  ["slidev", "--port 61007"],
  ["slidev deck.md", "--port 61007"],
  ["hexo server", "--port 61007 --ip 127.0.0.1"],
  ["modern dev", ""],
  ["wrangler dev", "--port 61007 --ip 127.0.0.1"],
  ["wrangler pages dev dist", "--port 61007 --ip 127.0.0.1"],
  ["http-server dist", "-p 61007 -a 127.0.0.1"],
  ["serve dist", "--listen tcp://127.0.0.1:61007 --no-port-switching"],
  ["live-server", "--port=61007 --host=127.0.0.1 --no-browser"],
  ["json-server db.json", "--port 61007 --host 127.0.0.1"],
  ["prism mock api.yaml", "--port 61007 --host 127.0.0.1"],
  ["uvicorn main:app --reload", "--port 61007 --host 127.0.0.1"],
  ["fastapi dev main.py", "--port 61007 --host 127.0.0.1"],
  ["granian main:app", "--port 61007 --host 127.0.0.1"],
  ["hypercorn main:app", "--bind 127.0.0.1:61007"],
  ["gunicorn main:app -w 2", "--bind 127.0.0.1:61007"],
  ["daphne app.asgi:application", "-p 61007 -b 127.0.0.1"],
  ["flask --app hello run --debug", "--port 61007 --host 127.0.0.1"],
  ["python manage.py runserver", "127.0.0.1:61007"],
  ["./manage.py runserver --noreload", "127.0.0.1:61007"],
  ["python3 -m django runserver --settings app.dev", "127.0.0.1:61007"],
  ["django-admin runserver", "127.0.0.1:61007"],
  ["python3 -m http.server", "61007 --bind 127.0.0.1"],
  ["python3 -m http.server -d public", "61007 --bind 127.0.0.1"],
  ["mkdocs serve", "--dev-addr 127.0.0.1:61007"],
  ["streamlit run app.py", "--server.port 61007 --server.address 127.0.0.1 --server.headless=true"],
  ["jupyter lab", "--ServerApp.port=61007 --ServerApp.ip=127.0.0.1 --ServerApp.port_retries=0 --no-browser"],
  ["jupyter-lab", "--ServerApp.port=61007 --ServerApp.ip=127.0.0.1 --ServerApp.port_retries=0 --no-browser"],
  ["bokeh serve app.py", "--port 61007 --address 127.0.0.1"],
  ["sphinx-autobuild docs out", "--port 61007 --host 127.0.0.1"],
  ["gradio app.py", ""],
  ["shiny run --reload app.py", "--port 61007 --host 127.0.0.1"],
  ["marimo edit", "--port 61007 --host 127.0.0.1 --headless"],
  ["rails s", "-p 61007 -b 127.0.0.1"],
  ["bin/rails server", "-p 61007 -b 127.0.0.1"],
  ["puma", "-b tcp://127.0.0.1:61007"],
  ["rackup", "-p 61007 -o 127.0.0.1"],
  ["jekyll serve", "--port 61007 --host 127.0.0.1"],
  ["php artisan serve", "--port 61007 --host 127.0.0.1"],
  ["mix phx.server", ""],
  ["hugo server -D", "--port 61007 --bind 127.0.0.1"],
  ["caddy file-server", "--listen 127.0.0.1:61007"],
  ["mdbook serve", "--port 61007 --hostname 127.0.0.1"],
  ["zola serve", "--port 61007 --interface 127.0.0.1"],
  ["trunk serve", "--port 61007 --address 127.0.0.1"],
  ["./mvnw spring-boot:run", ""],
  ["dotnet run", "--urls http://127.0.0.1:61007"],
  // behind others
  ["npx vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["npx -y vite@7 web", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["npx @11ty/eleventy --serve", "--port=61007"],
  ["npm exec vite", "-- --port 61007 --host 127.0.0.1 --strictPort"],
  ["npm exec -- vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["npm exec vite -- --open", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["npx -w web vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["pnpm -C apps/web exec vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["yarn dlx vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["yarn --cwd apps/web vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["bun --cwd apps/web vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["corepack pnpm vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["deno run -A npm:vite@7", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["env -u NODE_OPTIONS vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["env-cmd -f .env.dev vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["dotenvx run -f .env -- vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["mise exec node@24 -- vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["cd web && vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["node api.js & vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["pnpm exec astro dev", "--port 61007 --host 127.0.0.1"],
  ["pnpm astro dev", "--port 61007 --host 127.0.0.1"],
  ["yarn next dev", "--port 61007 --hostname 127.0.0.1"],
  ["bunx --bun vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["bun x vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["uv run uvicorn main:app", "--port 61007 --host 127.0.0.1"],
  ["poetry run flask run", "--port 61007 --host 127.0.0.1"],
  ["bundle exec rails s", "-p 61007 -b 127.0.0.1"],
  ["bundle exec jekyll serve", "--port 61007 --host 127.0.0.1"],
  ["cross-env NODE_ENV=development vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["NODE_ENV=production env A='b c' vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["dotenv -e .env.dev -- vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["node node_modules/vite/bin/vite.js", "--port 61007 --host 127.0.0.1 --strictPort"],
  ["./node_modules/.bin/vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  [".venv/bin/uvicorn main:app", "--port 61007 --host 127.0.0.1"],
  ["python -u -m uvicorn main:app", "--port 61007 --host 127.0.0.1"],
  ["tsc -b && vite", "--port 61007 --host 127.0.0.1 --strictPort"],
  ['echo "a && b"; vite', "--port 61007 --host 127.0.0.1 --strictPort"],
  ["vite --base $BASE", "--port 61007 --host 127.0.0.1 --strictPort"],
  // what the user says stays
  ["vite --port 3000", "--host 127.0.0.1 --strictPort"],
  ["vite --port $PORT", "--host 127.0.0.1 --strictPort"],
  ["vite --host", "--port 61007 --strictPort"],
  ["next dev -p 3000 -H 0.0.0.0", ""],
  ["storybook dev -p 6006", "--host 127.0.0.1 --exact-port"],
  ["gunicorn -b 0.0.0.0:8000 main:app", ""],
  ["serve -l 5000", "--no-port-switching"],
  ["esbuild main.js --serve=8000", ""],
  ["webpack serve --client-web-socket-url=ws://a.test", "--port 61007 --host 127.0.0.1"],
  ["parcel index.html --hmr-host a.test", "--port 61007 --host 127.0.0.1"],
  ["python manage.py runserver 0.0.0.0:8000", ""],
  ["python3 -m http.server 8000", "--bind 127.0.0.1"],
  ["expo start --tunnel", "--port 61007"],
];

/** Left exactly as they are: no server, none that is known, or nothing certain to be said about it. */
const LEFT_ALONE = [
  "node server.ts",
  "node serve.js",
  "./serve",
  "vite build",
  "tsc && vite build",
  "astro build",
  "next build",
  "parcel build index.html",
  "eleventy",
  "esbuild main.js --bundle",
  "wrangler deploy",
  "flask db upgrade",
  "python manage.py migrate",
  "python3 server.py",
  "hugo",
  "vite | tee log.txt",
  "vite > log.txt 2>&1",
  "vite &",
  "(cd web && vite)",
  "vite $(flags)",
  "vite `flags`",
  "vite $FLAGS",
  "vite # comment",
  "vite 'open",
  "vite -- --port 1",
  "$RUNNER vite",
  "npm run dev -w web",
  "npm run dev --prefix web",
  "pnpm --filter web dev",
  "sudo vite",
  "concurrently 'vite' 'node api'",
  "npm test",
  'concurrently "vite" "tsc -w"',
  "npm-run-all --parallel vite types",
  "run-p vite types",
  "nx serve web",
  "vite && echo done",
  "vite || true",
  "vite & wait",
  "vite; node server.js",
  "sh -c 'vite && echo done'",
  "sh -c 'vite \"$@\"' sh --open",
  'sh -c "vite $FLAGS"',
  "cd $WEB && vite",
  "cd - && vite",
  "cd web & vite",
  "npm exec -c 'vite'",
  "env -S 'vite'",
  "turbo run dev build",
  "pnpm -r dev",
  "pnpm --filter 'web...' dev",
  "yarn workspaces foreach run dev",
  "deno task dev",
  "yarn exec vite",
  "dotenv -e .env.dev vite",
];

describe("a framework is told where to listen by its own flags", () => {
  test.each(ADDED)("%s", (command, added) => {
    expect(flagged(command)).toBe(added === "" ? command : `${command} ${added}`);
  });

  test("every row of the table is shown above", () => {
    const commands = ADDED.map(([command]) => command).join("\n");
    const unshown = FRAMEWORKS.filter(({ programs }) => !programs.some((name) => commands.includes(name)));
    expect(unshown).toEqual([]);
  });

  test.each(ADDED)("a second pass adds nothing: %s", (command) => {
    const once = flagged(command);
    expect(withFrameworkFlags(once, AT, "/")).toEqual(once);
  });

  test.each(LEFT_ALONE)("left alone: %s", (command) => {
    expect(flagged(command)).toBe(command);
  });

  test("php's address is replaced, since it has to have one", () => {
    expect(flagged("php -S localhost:8000 -t public")).toBe("php -S 127.0.0.1:61007 -t public");
    expect(withFrameworkFlags(["php", "-S", "0.0.0.0:80"], AT, "/")).toEqual(["php", "-S", "127.0.0.1:61007"]);
    expect(fixedPortOf("php -S localhost:8000", "/")).toBeNull();
  });

  test("a list of words stays a list, and nothing in it is for a shell", () => {
    expect(withFrameworkFlags(["npx", "vite", "my web"], AT, "/")).toEqual(
      ["npx", "vite", "my web", "--port", "61007", "--host", "127.0.0.1", "--strictPort"], // biome-ignore format: one command
    );
    expect(withFrameworkFlags(["next", "dev", "&&"], AT, "/")).toContain("--hostname");
  });

  test("an address of IPv6 is bracketed where a port follows", () => {
    expect(withFrameworkFlags("gunicorn app", { host: "::1", port: 61007 }, "/")).toBe(
      "gunicorn app --bind [::1]:61007",
    );
  });
});

describe("the line of a shell is looked into", () => {
  const vite = "--port 61007 --host 127.0.0.1 --strictPort";
  test.each([
    ["sh -c vite", `sh -c 'vite ${vite}'`],
    ["bash -lc 'tsc && vite'", `bash -lc 'tsc && vite ${vite}'`],
    [`NODE_ENV=x sh -c "vite 'my web'"`, `NODE_ENV=x sh -c 'vite '\\''my web'\\'' ${vite}'`],
    ["sh -c 'php -S localhost:80'", "sh -c 'php -S 127.0.0.1:61007'"],
  ])("%s", (command, expected) => {
    expect(flagged(command)).toBe(expected);
    expect(flagged(expected)).toBe(expected);
  });

  test("in a list of words, too, and a port in it counts", () => {
    expect(withFrameworkFlags(["sh", "-c", "exec vite"], AT, "/")).toEqual(["sh", "-c", `exec vite ${vite}`]);
    expect(fixedPortOf("sh -c 'vite --port 3000'", "/")).toBe(3000);
    expect(loopbackAdvice("sh -c 'vite --host'", AT, "/")).toBe("vite --host 127.0.0.1");
  });
});

describe("scripts of package.json are looked into", () => {
  function project(scripts: Record<string, string>): string {
    const folder = scratch("scripts");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts }));
    return folder;
  }

  const scripts = {
    dev: "vite",
    start: "next start",
    chained: "node gen.js && vite",
    outer: "npm run dev",
    pinned: "vite --port 3000",
    envPort: "PORT=4000 node server.js",
    server: "node server.js",
    circle: "npm run circle",
  };
  const vite = "--port 61007 --host 127.0.0.1 --strictPort";

  test.each([
    ["npm run dev", `npm run dev -- ${vite}`],
    ["npm --silent run dev", `npm --silent run dev -- ${vite}`],
    ["npm run dev -- --open", `npm run dev -- --open ${vite}`],
    ["npm run dev -- --port 5000", "npm run dev -- --port 5000 --host 127.0.0.1 --strictPort"],
    ["npm start", "npm start -- --port 61007 --hostname 127.0.0.1"],
    ["npm run chained", `npm run chained -- ${vite}`],
    ["npm run outer", `npm run outer -- -- ${vite}`],
    ["pnpm run dev", `pnpm run dev ${vite}`],
    ["pnpm dev", `pnpm dev ${vite}`],
    ["yarn dev", `yarn dev ${vite}`],
    ["bun run dev", `bun run dev ${vite}`],
    ["bun --bun run dev", `bun --bun run dev ${vite}`],
    ["node --run dev", `node --run dev -- ${vite}`],
    ["npm run pinned", "npm run pinned -- --host 127.0.0.1 --strictPort"],
    ["npm run server", "npm run server"],
    ["npm run circle", "npm run circle"],
    ["npm run absent", "npm run absent"],
  ])("%s", (command, expected) => {
    expect(flagged(command, project(scripts))).toBe(expected);
  });

  test("from a folder below the package, as npm does", () => {
    const below = join(project(scripts), "src", "deep");
    mkdirSync(below, { recursive: true });
    expect(flagged("npm run dev", below)).toBe(`npm run dev -- ${vite}`);
  });

  test("a port that a script fixes is the service's", () => {
    const cwd = project(scripts);
    expect(fixedPortOf("npm run pinned", cwd)).toBe(3000);
    expect(fixedPortOf("npm run envPort", cwd)).toBe(4000);
    expect(fixedPortOf("npm run dev", cwd)).toBeNull();
  });
});

describe("a port that the user gives is the service's own", () => {
  test.each([
    ["vite --port 3000", 3000],
    ["vite --port=3000", 3000],
    ["next dev -p3000", 3000],
    ["next dev -p 3000", 3000],
    ["gunicorn -b 0.0.0.0:8000 main:app", 8000],
    ["hypercorn --bind [::]:8001 main:app", 8001],
    ["puma -b tcp://0.0.0.0:9292", 9292],
    ["serve -l tcp://0.0.0.0:5000", 5000],
    ["serve -p 5001", 5001],
    ["python manage.py runserver 8000", 8000],
    ["python manage.py runserver 0.0.0.0:8000", 8000],
    ["python3 -m http.server 8080", 8080],
    ["dotnet run --urls http://localhost:5005", 5005],
    ["PORT=4000 node server.js", 4000],
    ["env PORT=4000 node server.js", 4000],
    ["PORT=4000 react-scripts start", 4000],
  ])("%s", (command, port) => {
    expect(fixedPortOf(command, "/")).toBe(port);
  });

  test.each([
    "vite",
    "vite --port $PORT",
    "vite --port",
    "vite --port 99999",
    "PORT=4000 vite",
    "PORT=$X node server.js",
    "node server.js --port 3000",
    "vite build --port 3000",
  ])("but not in: %s", (command) => {
    expect(fixedPortOf(command, "/")).toBeNull();
  });
});

describe("what to type so that it keeps to loopback", () => {
  test.each([
    ["vite --host", "vite --host 127.0.0.1"],
    ["npx astro dev --host 0.0.0.0", "astro dev --host 127.0.0.1"],
    ["gunicorn -b 0.0.0.0:8000 main:app", "gunicorn --bind 127.0.0.1:61007"],
    ["python manage.py runserver 0.0.0.0:8000", "manage.py runserver 127.0.0.1:61007"],
    ["python -m http.server 8080", "http.server 61007 --bind 127.0.0.1"],
    ["php -S 0.0.0.0:8000", "php -S 127.0.0.1:61007"],
    ["serve -l 0.0.0.0:5000", "serve --listen tcp://127.0.0.1:61007"],
    ["jupyter lab --ip=0.0.0.0", "jupyter lab --ServerApp.ip=127.0.0.1"],
    ["react-scripts start", "HOST=127.0.0.1 react-scripts start"],
  ])("%s", (command, advice) => {
    expect(loopbackAdvice(command, AT, "/")).toBe(advice);
  });

  test.each(["node server.js", "vite build"])("not known for: %s", (command) => {
    expect(loopbackAdvice(command, AT, "/")).toBeNull();
  });
});
