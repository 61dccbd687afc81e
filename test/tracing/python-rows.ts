import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { program } from "../support/programs.ts";
import { PYTHONS, virtualEnvironment } from "./python-venv.ts";
import { askAll, tally, traceService, type Upstream } from "./traced-service.ts";
import { postgresUpstream, redisUpstream } from "./upstreams.ts";

const APPS = fileURLToPath(new URL("python", import.meta.url));
/** Requests of a row, all at once as far as its server goes. */
const REQUESTS = 200;

type Needs = "db" | "cache" | "out";

interface Row {
  readonly server: string;
  /** As a shell in the virtual environment runs it. */
  readonly command: string;
  readonly via: string;
  readonly needs: Needs;
  /** Statements of a request that name it. */
  readonly statements: number;
  readonly env?: Readonly<Record<string, string>>;
}

const WSGI: Readonly<Record<string, string>> = {
  flask: "python apps.py flask",
  wsgiref: "python apps.py wsgiref",
  gthread: "gunicorn -k gthread --threads 40 -b 127.0.0.1:$PORT apps:wsgi",
  sync: "gunicorn -w 3 -b 127.0.0.1:$PORT apps:wsgi",
};
const ASGI: Readonly<Record<string, string>> = {
  "uvicorn h11": "uvicorn --port $PORT --http h11 apps:asgi",
  "uvicorn httptools": "uvicorn --port $PORT --http httptools apps:asgi",
  hypercorn: "hypercorn --workers 0 -b 127.0.0.1:$PORT apps:asgi",
  "aiohttp.web": "python apps.py aiohttp",
};
const SYNC: readonly (readonly [via: string, needs: Needs, statements: number])[] = [
  ["psycopg", "db", 4],
  ["psycopg2", "db", 3],
  ["psycopg2-dict", "db", 1],
  ["psycopg2-shared", "db", 2],
  ["redis", "cache", 5],
  ["sqlalchemy-psycopg2", "db", 2],
  ["sqlalchemy-psycopg", "db", 2],
  ["urllib", "out", 2],
  ["requests", "out", 2],
  ["httpx", "out", 2],
];
const ASYNC: readonly (readonly [via: string, needs: Needs, statements: number])[] = [
  ["psycopg", "db", 2],
  ["asyncpg", "db", 7],
  ["redis", "cache", 4],
  ["sqlalchemy-asyncpg", "db", 2],
  ["threads", "db", 8],
  ["httpx", "out", 3],
  ["aiohttp", "out", 2],
];

/** Every driver on one server, and every server with one driver. */
function rows(): Row[] {
  const all: Row[] = [];
  const add = (servers: typeof WSGI, drivers: typeof SYNC, [mainServer, mainVia]: readonly [string, string]) => {
    for (const [server, command] of Object.entries(servers))
      for (const [via, needs, statements] of drivers)
        if (server === mainServer || via === mainVia) all.push({ server, command, via, needs, statements });
  };
  add(WSGI, SYNC, ["flask", "psycopg"]);
  add(ASGI, ASYNC, ["uvicorn h11", "asyncpg"]);
  const django = { via: "django", needs: "db", statements: 2 } as const;
  all.push({ ...django, server: "runserver", command: "python apps.py runserver" });
  const asgi = "uvicorn --port $PORT apps:django_asgi";
  all.push({ ...django, server: "django under uvicorn", command: asgi, env: { DJANGO_ASGI: "1" } });
  return all;
}

async function upstreamOf(needs: Needs): Promise<Upstream> {
  if (needs === "db") return await postgresUpstream();
  if (needs === "cache") return await redisUpstream();
  const server = createServer((_, response) => response.end("seen"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { protocol: "http", url: `http://127.0.0.1:${port}`, to: { host: "127.0.0.1", port } };
}

describe.skipIf(PYTHONS.length === 0 || program("redis-server") === null).each(PYTHONS)("%s", (python) => {
  let venv = "";
  beforeAll(() => {
    venv = virtualEnvironment(python);
  }, 600_000);

  test.each(rows())(
    "$server, $via: each statement of 200 requests at once is under its own",
    {
      timeout: 180_000,
    },
    async ({ command, via, needs, statements, env }) => {
      const api = await traceService({
        command: ["sh", "-c", `PATH="${join(venv, "bin")}:$PATH"; exec ${command}`],
        cwd: APPS,
        upstreams: { [needs]: await upstreamOf(needs) },
        env: { VIA: via, PYTHONDONTWRITEBYTECODE: "1", ...env },
      });
      // One that comes first makes the pool, as in a program that was started a while ago.
      expect(await askAll(api.port, "/", 1, 1), api.output()).toBe(0);
      // Without a pool each has a connection of its own, and the database takes a hundred.
      const atOnce = via === "django" || via === "psycopg2-dict" ? 40 : 200;
      expect(await askAll(api.port, "/", REQUESTS, atOnce), api.output()).toBe(0);
      const whole = statements * (REQUESTS + 1);
      const known = { right: whole, wrong: 0, guessed: 0 };
      const shared = { right: expect.any(Number), wrong: 0, guessed: expect.any(Number) };
      await expect
        .poll(() => tally(api.exchanges()), { timeout: 5_000 })
        .toEqual(via === "psycopg2-shared" ? shared : known);
      expect(api.processes()[0], basename(python)).toMatchObject({ runtime: "python" });
    },
  );
});
