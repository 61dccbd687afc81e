import type { AppFinding, Finding, Reader, StoreType } from "./finding.ts";
import { type FolderView, within } from "./folder-view.ts";

const PLACES = ["main.py", "app.py", "wsgi.py", "asgi.py", "server.py", "api.py", "run.py"];
const DEPENDENCIES = ["requirements.txt", "requirements/base.txt", "pyproject.toml", "Pipfile", "setup.py"];
const STORES: readonly (readonly [RegExp, StoreType])[] = [
  [/\b(psycopg2?(-binary)?|asyncpg|pg8000)\b/i, "postgres"],
  [/\b(mysqlclient|pymysql|aiomysql)\b/i, "mysql"],
  [/\b(redis|celery|django-redis|rq)\b/i, "redis"],
  [/\b(pymongo|motor|mongoengine)\b/i, "mongodb"],
];

/** Django's manage.py, FastAPI and Flask apps. */
export const python: Reader = {
  reads: "Django's `manage.py` and settings, FastAPI and Flask apps",
  read: (view, folder) => {
    const app = djangoApp(view, folder) ?? frameworkApp(view, folder);
    return app === null ? [] : [{ ...app, uses: pythonUses(view, folder) }, ...settingsVariables(view, folder)];
  },
};

function djangoApp(view: FolderView, folder: string): AppFinding | null {
  const source = within(folder, "manage.py");
  if (!view.exists(source)) return null;
  const bin = binOf(view, folder);
  return {
    ...{ type: "app", folder, command: `${bin("python")} manage.py runserver`, role: "api", source },
    ...{ migrate: `${bin("python")} manage.py migrate`, ...missing(view, folder) },
  };
}

function frameworkApp(view: FolderView, folder: string): AppFinding | null {
  const bin = binOf(view, folder);
  if (isPartOfParent(view, folder)) return null;
  const packages = PACKAGES.filter((name) => !hasOwnPackages(view, within(folder, name))).map((name) => `${name}/`);
  const others = view.files(folder).filter((name) => /^\w+\.py$/.test(name) && !PLACES.includes(name));
  const paths = ["", ...packages].flatMap((place) => PLACES.map((name) => `${place}${name}`));
  for (const path of [...paths, ...others]) {
    const source = within(folder, path);
    const text = view.text(source);
    if (text === null) continue;
    const module = path.replace(/\.py$/, "").replaceAll("/", ".");
    const [, fast] = /^(\w+)(?::\s*FastAPI)?\s*=\s*FastAPI\(/m.exec(text) ?? [];
    const [, flask] = /^(\w+)\s*=\s*Flask\(/m.exec(text) ?? [];
    const tables = view.exists(within(folder, "alembic.ini")) ? { migrate: `${bin("alembic")} upgrade head` } : {};
    const found = { type: "app", folder, role: "api", ...tables, ...missing(view, folder), source } as const;
    if (fast !== undefined) return { ...found, command: `${bin("uvicorn")} ${module}:${fast} --reload` };
    if (flask !== undefined)
      return { ...found, command: `${bin("flask")} --app ${module}${flask === "app" ? "" : `:${flask}`} run` };
  }
  return null;
}

/** Where a project keeps its code. */
const PACKAGES = ["app", "src", "api"];

const hasOwnPackages = (view: FolderView, folder: string): boolean =>
  DEPENDENCIES.some((name) => view.exists(within(folder, name)));

/** The code of a project that has its list of packages one folder up, and is found from there. */
function isPartOfParent(view: FolderView, folder: string): boolean {
  const parent = within(folder, "..");
  const name = folder.split("/").at(-1) ?? "";
  if (folder === "." || !PACKAGES.includes(name) || hasOwnPackages(view, folder)) return false;
  return hasOwnPackages(view, parent) || view.exists(within(folder, "__init__.py"));
}

/** What stands before a script that calls programs of the folder's own environment by name. */
export function scriptPath(view: FolderView, folder: string): string {
  const own = [".venv", "venv"].find((name) => view.exists(within(folder, `${name}/bin/python`)));
  return own === undefined ? "" : `PATH=$PWD/${own}/bin:$PATH `;
}

/** Programs of the folder's own environment, where there is one. */
export function binOf(view: FolderView, folder: string): (program: string) => string {
  if (view.exists(within(folder, "uv.lock"))) return (program) => `uv run ${program}`;
  if (view.exists(within(folder, "poetry.lock"))) return (program) => `poetry run ${program}`;
  const own = [".venv", "venv"].find((name) => view.exists(within(folder, `${name}/bin/python`)));
  return (program) => (own === undefined ? (program === "python" ? "python3" : program) : `${own}/bin/${program}`);
}

function missing(view: FolderView, folder: string): { missing?: string } {
  const hasEnvironment = [".venv", "venv"].some((name) => view.exists(within(folder, name)));
  const list = ["requirements.txt", "pyproject.toml"].find((name) => view.exists(within(folder, name)));
  if (hasEnvironment || list === undefined || view.exists(within(folder, "uv.lock"))) return {};
  const what = list === "requirements.txt" ? "-r requirements.txt" : "-e .";
  return { missing: `python3 -m venv .venv && .venv/bin/pip install ${what}` };
}

function pythonUses(view: FolderView, folder: string): StoreType[] {
  const listed = DEPENDENCIES.map((name) => view.text(within(folder, name)) ?? "").join("\n");
  return STORES.filter(([pattern]) => pattern.test(listed)).map(([, store]) => store);
}

/** `os.environ.get("SQL_HOST", "localhost")` in Django's settings. */
function settingsVariables(view: FolderView, folder: string): Finding[] {
  const settings = view.folders(folder).flatMap((name) => [`${name}/settings.py`, `${name}/settings/base.py`]);
  return [...settings, "settings.py", "config.py"].flatMap((path): Finding[] => {
    const source = within(folder, path);
    const text = view.text(source) ?? "";
    const fields = text.matchAll(
      /["'](HOST|PORT|USER|PASSWORD|NAME)["']\s*:\s*(?:os\.environ(?:\.get)?|os\.getenv|env|config)\s*[([]\s*["'](\w+)["']/g,
    );
    const [line, hosts] = /^ALLOWED_HOSTS\s*=.*?["'](\w*ALLOWED_HOSTS\w*)["'].*$/m.exec(text) ?? [];
    const between = /\.split\(\s*(["'] ["'])?\s*\)/.test(line ?? "") ? " " : ",";
    const allowed = [".localhost", "127.0.0.1"].join(between);
    const own: Finding[] =
      hosts === undefined ? [] : [{ type: "variable", folder, name: hosts, value: "", fixed: allowed, source }];
    const named = [...fields].map(([, field = "", name = ""]): Finding => {
      const examples: Record<string, string> = { HOST: "localhost", PORT: "5432", USER: "user", PASSWORD: "password" };
      return { type: "variable", folder, name, value: `field:${examples[field] ?? "database"}`, source };
    });
    return [...own, ...named];
  });
}
