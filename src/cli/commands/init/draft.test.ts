// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isFault } from "../../../fault/fault.ts";
import { loadConfig } from "../../../stack/config/config.ts";
import { planStack } from "../../../stack/plan/plan.ts";
import { ledger, projectAt, projectFolder } from "../../../stack/stack.fixture.ts";
import { draftOf } from "./draft.ts";
import type { Means } from "./draft-service.ts";
import { gather } from "./gather.ts";
import { viewOf } from "./readers/folder-view.ts";
import { READERS } from "./readers.ts";
import { codeOf } from "./write-code.ts";
import { yamlOf } from "./write-yaml.ts";

const MEANS: Means = { hasProgram: (name) => name === "redis-server", isEnvFile: () => true };

type Files = Readonly<Record<string, unknown>>;
interface Kind {
  readonly repo: string;
  readonly files: Files;
  /** What the config has, at least. */
  readonly services: Readonly<Record<string, unknown>>;
  readonly todo?: readonly RegExp[];
}

const node = (name: string, script: string, ...packages: string[]) => ({
  ...{ name, scripts: { dev: script } },
  dependencies: Object.fromEntries(packages.map((one) => [one, "1"])),
});

const KINDS: readonly Kind[] = [
  {
    repo: "Vite, Express and Sequelize, with a proxy to a fixed port",
    files: {
      "package.json": { scripts: { dev: 'concurrently "npm run dev --prefix server" "npm run dev --prefix client"' } },
      "client/package.json": node("client", "vite", "vite", "react"),
      "client/vite.config.js": 'export default { server: { proxy: { "/api": "http://localhost:3001" } } };',
      "server/package.json": node("server", "node server.js", "express", "sequelize", "pg"),
      "server/config/config.js":
        "module.exports = { development: { host: process.env.DEV_DB_HOSTNAME, password: process.env.DEV_DB_PASSWORD, dialect: 'postgres' }, production: { url: process.env.PROD_URL } };",
      "server/.env.example": "PORT=3001\nJWT_KEY=x\nDEV_DB_HOSTNAME=localhost\nDEV_DB_DIALECT=mysql\n",
    },
    services: {
      db: { postgres: {}, address: "own" },
      server: {
        ...{ command: "npm run dev", cwd: "server", needs: ["db"], port: 3001, envFile: "server/.env.example" },
        env: { DEV_DB_HOSTNAME: "${db.host}", DEV_DB_DIALECT: "postgres", DEV_DB_PASSWORD: "${db.password}" },
      },
      client: { command: "npm run dev", cwd: "client", needs: ["server"] },
    },
    todo: [/^client: its packages aren't installed. Run: cd client && npm install$/, /^server: /],
  },
  {
    repo: "a pnpm monorepo with turbo and Prisma",
    files: {
      "package.json": { scripts: { dev: "turbo dev" }, devDependencies: { turbo: "2" } },
      "pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n  - 'packages/*'\n",
      "pnpm-lock.yaml": "",
      "node_modules/x/package.json": "{}",
      "apps/web/package.json": node("web", "next dev", "next", "react"),
      "apps/web/.env.example": "NEXT_PUBLIC_API_URL=http://localhost:4000/v1\nAPI_URL=http://localhost:4000\n",
      "apps/api/package.json": node("api", "tsx watch src/main.ts", "fastify", "@prisma/client", "ioredis"),
      "apps/api/prisma/schema.prisma":
        'datasource db {\n  provider = "postgresql"\n  url      = env("POSTGRES_PRISMA_URL")\n}\n',
      "apps/api/prisma/migrations/1/migration.sql": "",
      "packages/ui/package.json": { name: "ui", scripts: { dev: "tsc --watch", build: "tsc" } },
    },
    services: {
      db: { postgres: {} },
      redis: { command: "redis-server --bind $HOST --port $PORT --save ''", protocol: "redis" },
      migrate: { command: "npx prisma migrate deploy", cwd: "apps/api", needs: ["db"], ready: "exit" },
      api: {
        ...{ command: "pnpm run dev", cwd: "apps/api", needs: ["redis", "db", "migrate"] },
        env: { POSTGRES_PRISMA_URL: "${db.url}" },
      },
      web: {
        ...{ command: "pnpm run dev", cwd: "apps/web", needs: ["api"] },
        env: { NEXT_PUBLIC_API_URL: "${api.door}/v1", API_URL: "${api.url}" },
      },
    },
    todo: [],
  },
  {
    repo: "compose with a FastAPI back end, a mail catcher and Celery's broker",
    files: {
      "docker-compose.yml": [
        "services:",
        "  database:",
        "    image: postgres:17",
        "    environment: { POSTGRES_DB: app, POSTGRES_USER: ann, POSTGRES_PASSWORD: '${PW?x}' }",
        "    volumes: ['./db/init.sql:/docker-entrypoint-initdb.d/init.sql']",
        "  cache: { image: 'redis:7-alpine' }",
        "  mailcatcher: { image: schickling/mailcatcher }",
        "  proxy: { image: 'traefik:3' }",
        "  backend:",
        "    build: ./backend",
        "    ports: ['8000:8000']",
        "    depends_on: { database: { condition: service_healthy }, cache: {} }",
        "    environment:",
        "      - DATABASE_DSN=postgresql+asyncpg://ann:pw@database:5432/app",
        "      - CELERY_BROKER=redis://cache:6379/1",
        "      - SMTP_HOST=mailcatcher",
        "      - BACKEND_CORS_ORIGINS=${BACKEND_CORS_ORIGINS}",
        "  frontend:",
        "    build: { context: frontend }",
        "    ports: [{ target: 5173, published: 8080 }]",
        "    environment: { VITE_API_URL: 'http://localhost:8000' }",
      ].join("\n"),
      "db/init.sql": "create table t ();",
      ".env": 'PW=secret\nBACKEND_CORS_ORIGINS="http://localhost,http://localhost:5173,https://app.example"\n',
      "backend/app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
      "backend/requirements.txt": "fastapi\nasyncpg\n",
      "frontend/package.json": node("frontend", "vite", "vite"),
    },
    services: {
      database: { postgres: { database: "app", user: "ann", password: "${PW?x}", init: ["db/init.sql"] } },
      cache: { protocol: "redis" },
      backend: {
        ...{ command: "uvicorn app.main:app --reload", cwd: "backend", needs: ["database", "cache"], expects: 8000 },
        env: {
          DATABASE_DSN:
            "postgresql+asyncpg://${database.user}:${database.password}@${database.address}/${database.database}",
          CELERY_BROKER: "redis://${cache.address}/1",
          BACKEND_CORS_ORIGINS: "${frontend.door},http://localhost,http://localhost:5173,https://app.example",
        },
      },
      frontend: { cwd: "frontend", needs: ["backend"], expects: 5173, env: { VITE_API_URL: "${backend.door}" } },
    },
    todo: [/^mailcatcher: /, /^proxy: .*traefik:3/, /^backend: its packages.*pip install/, /^frontend: /],
  },
  {
    repo: "compose with two services of one folder, a job, a Dockerfile's command, and passwords that code knows",
    files: {
      "docker-compose.yml": [
        "services:",
        "  cache: { image: 'redislabs/redismod' }",
        "  db:",
        "    image: postgres:17",
        "    environment: { POSTGRES_USER: ann, POSTGRES_PASSWORD_FILE: /run/secrets/db-password }",
        "  web1: { build: ./web, ports: ['81:5000'], hostname: web1, secrets: [db-password] }",
        "  web2: { build: ./web, ports: ['82:5000'] }",
        "  prepare: { build: { context: ., dockerfile: api/Dockerfile }, command: bash scripts/prepare.sh, depends_on: [db] }",
        "  api:",
        "    build: { context: ., dockerfile: api/Dockerfile }",
        "    ports: ['127.0.0.1:8080:80', '9229:9229']",
        "    depends_on: { prepare: { condition: service_completed_successfully }, db: { condition: service_healthy } }",
        "    environment: { DSN: 'postgresql://ann:${PW:?set it}@db:5432/app${QUERY:-?x=${Y:-1}}' }",
        "  result:",
        "    build: { context: ./result, target: dev }",
        "    entrypoint: nodemon --inspect server.js",
        "  once: { build: ./once, profiles: [seed] }",
        "  playwright: { build: { context: ./web } }",
        "secrets: { db-password: { file: db/password.txt } }",
      ].join("\n"),
      "web/package.json": { scripts: { start: "node web.js" }, dependencies: { express: "4", redis: "3" } },
      "api/hello.py": "server = Flask(__name__)\n",
      "api/requirements.txt": "flask\n",
      "api/.venv/bin/python": "",
      "api/alembic.ini": "",
      "api/Dockerfile": 'FROM python:3\nCMD ["flask", "run"]\n',
      "result/package.json": { dependencies: { express: "4" } },
      "result/Dockerfile": [
        "FROM node AS base",
        "WORKDIR /app",
        'ENTRYPOINT ["/usr/bin/tini", "--"]',
        'CMD ["node", "/app/server.js"]',
        "FROM base AS dev",
        "RUN npm install -g \\",
        "  nodemon",
        "FROM scratch",
        'CMD ["/built"]',
      ].join("\n"),
      "once/run.py": "",
      "db/password.txt": "from compose\n",
      "docker-compose.override.yml":
        "services:\n  result: { ports: ['9000:9000'], environment: { LEVEL: debug } }\n  web1: { ports: ['83:5001'] }\n",
    },
    services: {
      cache: { protocol: "redis" },
      db: { postgres: { user: "ann", database: "ann", password: "from compose" } },
      web1: { command: "npm run start", cwd: "web", needs: ["cache"], expects: [5000, 5001] },
      web2: { command: "npm run start", cwd: "web", needs: ["cache"], expects: 5000 },
      prepare: {
        command: "PATH=$PWD/.venv/bin:$PATH bash scripts/prepare.sh",
        cwd: "api",
        needs: ["db"],
        ready: "exit",
        restart: "never",
      },
      api: {
        ...{ command: ".venv/bin/flask --app hello:server run", cwd: "api", needs: ["db", "prepare"], expects: 80 },
        env: { DSN: "${db.url}?x=1" },
      },
      result: { command: "node ./server.js", cwd: "result", expects: 9000 },
    },
    todo: [
      /^web1: its container has db\/password.txt at \/run\/secrets\/db-password/,
      ...Array(2).fill(/its packages aren't installed/),
    ],
  },
  {
    repo: ".NET: a web project and a worker",
    files: {
      "web/web.csproj": '<Project Sdk="Microsoft.NET.Sdk.Web"><PackageReference Include="Npgsql" /></Project>',
      "worker/worker.csproj":
        '<Project Sdk="Microsoft.NET.Sdk"><OutputType>Exe</OutputType><PackageReference Include="StackExchange.Redis" /></Project>',
      "tests/tests.csproj":
        '<Project Sdk="Microsoft.NET.Sdk"><PackageReference Include="Microsoft.NET.Test.Sdk" /></Project>',
    },
    services: {
      db: {},
      redis: {},
      web: { command: "ASPNETCORE_URLS=http://$HOST:$PORT dotnet run --no-launch-profile", needs: ["db"] },
      worker: { command: "dotnet run --no-launch-profile", needs: ["redis"], ready: "none" },
    },
    todo: [],
  },
  {
    repo: "pages in PHP",
    files: { "index.php": "<?php echo 1;" },
    services: { web: { command: "php -S $HOST:$PORT" } },
    todo: [],
  },
  {
    repo: "FastAPI in a package, and Prisma in a folder of its own",
    files: {
      "alembic.ini": "",
      "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
      "app/__init__.py": "",
      "requirements.txt": "fastapi\nasyncpg\n",
      "node/package.json": {
        ...node("node", "tsx main.ts", "express", "@prisma/client"),
        prisma: { schema: "src/prisma/schema.prisma" },
      },
      "node/src/prisma/schema.prisma": 'datasource db { provider = "postgresql"\n url = env("MAIN_DSN") }',
    },
    services: {
      db: {},
      migrate: { command: "alembic upgrade head", needs: ["db"] },
      "node-migrate": { cwd: "node", command: "npx prisma db push" },
      api: { command: "uvicorn app.main:app --reload" },
      node: { needs: ["db", "node-migrate"], env: { MAIN_DSN: "${db.url}" } },
    },
  },
  {
    repo: "a Procfile beside Django",
    files: {
      Procfile: "release: python manage.py migrate\nweb: gunicorn site.wsgi\nworker: celery -A site worker\n",
      "manage.py": "",
      "requirements.txt": "django\npsycopg2-binary\n",
    },
    services: { web: { command: "gunicorn site.wsgi" }, worker: { command: "celery -A site worker", ready: "none" } },
  },
  {
    repo: "Django with its settings",
    files: {
      "manage.py": "",
      ".venv/bin/python": "",
      "requirements.txt": "django\npsycopg[binary]\n",
      "site/settings.py":
        'DATABASES = {"default": {"HOST": os.environ.get("SQL_HOST", "localhost"), "NAME": os.environ["SQL_DATABASE"]}}\nALLOWED_HOSTS = os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(" ")\n',
    },
    services: {
      db: { postgres: {} },
      migrate: { command: ".venv/bin/python manage.py migrate", needs: ["db"], ready: "exit" },
      api: {
        ...{ command: ".venv/bin/python manage.py runserver", needs: ["db", "migrate"] },
        env: { SQL_HOST: "${db.host}", SQL_DATABASE: "${db.database}", DJANGO_ALLOWED_HOSTS: ".localhost 127.0.0.1" },
      },
    },
    todo: [],
  },
  {
    repo: "Flask",
    files: { "app.py": "from flask import Flask\napp = Flask(__name__)\n" },
    services: { api: { command: "flask --app app run" } },
    todo: [],
  },
  {
    repo: "Spring Boot",
    files: {
      "pom.xml": "<parent>spring-boot-starter-parent</parent><dependency>org.postgresql:postgresql</dependency>",
      mvnw: "",
      "src/main/resources/application.yml":
        "spring:\n  datasource:\n    url: ${JDBC_DATABASE_URL:jdbc:postgresql://localhost:5432/app}\n    username: ${JDBC_USER}\n",
    },
    services: {
      db: { postgres: {} },
      api: {
        command: "SERVER_PORT=$PORT SERVER_ADDRESS=$HOST ./mvnw spring-boot:run",
        ...{ needs: ["db"], env: { JDBC_DATABASE_URL: "${db.jdbc}", JDBC_USER: "${db.user}" } },
      },
    },
  },
  {
    repo: "Rails",
    files: {
      Gemfile: 'gem "rails"\ngem "pg"\n',
      "config/database.yml": 'default:\n  host: <%= ENV.fetch("APP_DB_HOST", "localhost") %>\n',
    },
    services: {
      db: { postgres: {} },
      migrate: { command: "bin/rails db:prepare", ready: "exit" },
      web: { command: "bin/rails server", needs: ["db", "migrate"], env: { APP_DB_HOST: "${db.host}" } },
    },
  },
  {
    repo: "Go with two main packages and a tool",
    files: {
      "go.mod":
        "module shop\nrequire (\n\tgithub.com/jackc/pgx/v5 v5\n\tgithub.com/go-sql-driver/mysql v1 // indirect\n)\n",
      "cmd/api/main.go": "package main\nfunc main() { http.ListenAndServe(addr, nil) }\n",
      "cmd/admin/main.go": "package main\nfunc main() { server.Run() }\n",
      "cmd/import/main.go": "package main\nfunc main() { os.Exit(0) }\n",
    },
    services: { db: {}, api: { command: "go run ./cmd/api", needs: ["db"] }, admin: { command: "go run ./cmd/admin" } },
  },
  {
    repo: "Rust",
    files: { "Cargo.toml": '[dependencies]\naxum = "0.8"\nsqlx = { features = ["postgres"] }\n', "src/main.rs": "" },
    services: { db: {}, api: { command: "cargo run", needs: ["db"] } },
  },
  {
    repo: "Laravel with MySQL in compose, and neither of its programs here",
    files: {
      "composer.json": { require: { "laravel/framework": "12" } },
      artisan: "",
      "compose.yaml": "services:\n  mysql: { image: 'mysql:8' }\n",
      ".env.example": "APP_NAME=x\nDB_HOST=127.0.0.1\n",
    },
    services: { web: { command: "php artisan serve" } },
    todo: [/^mysql: there is neither mysql nor docker here/, /composer install/],
  },
  {
    repo: "concurrently with scripts side by side",
    files: {
      "package.json": {
        scripts: { dev: "concurrently npm:dev:*", "dev:web": "vite", "dev:api": "node api.js" },
        dependencies: { express: "5", vite: "8", pg: "8" },
      },
      "node_modules/x/package.json": "{}",
    },
    services: {
      db: { postgres: {} },
      web: { command: "npm run dev:web", needs: ["api"] },
      api: { command: "npm run dev:api", needs: ["db"] },
    },
    todo: [],
  },
];

/** Those whose config is loaded as code, too: that takes a process each. */
const AS_CODE = 2;

test.each(KINDS.map((kind, at) => ({ ...kind, at })))("$repo", async ({ files, services, todo, at: index }) => {
  const folder = projectFolder(files);
  const draft = draftOf(gather(viewOf(folder)), MEANS);
  // As YAML and as code it says the same, and is a stack without a fault.
  const yaml = { name: "cove.yaml", text: yamlOf(draft, false) };
  const code = { name: "cove.config.ts", text: codeOf(draft) };
  for (const { name, text } of index < AS_CODE ? [yaml, code] : [yaml]) {
    const target = projectFolder({ ...files, [name]: text.replaceAll("cove/config", CONFIG_MODULE) });
    const loaded = await loadConfig(target);
    if (isFault(loaded)) throw new Error(`${loaded.message}\n${text}`);
    const plan = planStack(loaded, projectAt(target), ledger().leases);
    if (isFault(plan)) throw new Error(`${plan.message}\n${text}`);
    expect(plan.services.map((one) => one.name).sort(), text).toEqual(Object.keys(services).sort());
    expect(text.match(/guessed/g)?.length).toBeGreaterThan(0);
  }
  const isComposed = Object.keys(files).includes("docker-compose.yml");
  expect(/^names: true # as in docker-compose.yml/m.test(yaml.text)).toBe(isComposed);
  const said = Object.fromEntries(
    draft.services.map(({ name, kind, command, options }) => [
      name,
      kind === "postgres" ? { postgres: options, ...options } : { command, ...options },
    ]),
  );
  expect(said).toMatchObject(services);
  if (todo === undefined) return;
  expect(draft.todo).toHaveLength(todo.length);
  for (const [at, pattern] of todo.entries()) expect(draft.todo[at]).toMatch(pattern);
});

const CONFIG_MODULE = new URL("../../../stack/config/define.ts", import.meta.url).href;

test("a folder with nothing in it gives nothing", () => {
  expect(draftOf(gather(viewOf(projectFolder({ "README.md": "hello" }))), MEANS)).toEqual({
    services: [],
    names: null,
    todo: [],
  });
});

test("files that are no text, no JSON or no YAML are passed over", () => {
  const files = { "package.json": "{", "compose.yml": "a: [", ".env": "\0", "prisma/schema.prisma": "datasource {" };
  expect(draftOf(gather(viewOf(projectFolder(files))), MEANS).services).toEqual([]);
});

test("docs/init.md names what each reader reads", () => {
  const docs = readFileSync(new URL("../../../../docs/init.md", import.meta.url), "utf8");
  expect(docs).toContain(READERS.map(({ reads }) => `- ${reads}`).join("\n"));
});
