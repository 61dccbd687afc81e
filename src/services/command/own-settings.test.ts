import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { OWN_SETTINGS, ownSettingsOf } from "./own-settings.ts";

test.each([
  ["mvn -q spring-boot:run", "SERVER_PORT"],
  ["./gradlew bootRun", "MANAGEMENT_SERVER_PORT"],
  ["java -jar app.jar", "QUARKUS_HTTP_HOST"],
  ["dotnet watch", "HTTPS_PORT"],
  ["bun --watch main.ts", "NODE_PORT"],
  ["bun run main.ts", "BUN_PORT"],
  ["react-scripts start", "PUBLIC_URL"],
  ["php -S localhost:8000", "HTTP_URL"],
  ["php artisan serve", "APP_URL"],
  ["python manage.py runserver", "REMOTE_USER"],
  ["uvicorn main:app", "UVICORN_PORT"],
  ["make dev", "FLASK_RUN_PORT"],
  ["node server.js", "COVE_URL"],
  ["node server.js", "DOCKER_HOST"],
])("%s would take %s for its own", (command, variable) => {
  expect(ownSettingsOf(command, "/")(variable)).toEqual(expect.any(String));
});

test.each([
  ["node server.js", "SERVER_PORT"],
  ["mvn -q spring-boot:run", "SERVER_URL"],
  ["mvn -q spring-boot:run", "DB_PORT"],
  ["vite", "UVICORN_PORT"],
  ["vite", "NODE_PORT"],
  ["node server.js", "AUTH_URL"],
])("%s takes %s for nothing of its own", (command, variable) => {
  expect(ownSettingsOf(command, "/")(variable)).toBe(null);
});

test("what a package's scripts start counts, and the libraries that it depends on", () => {
  const folder = scratch("own-settings");
  const scripts = { dev: "react-scripts start" };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ scripts, dependencies: { "next-auth": "5" } }));
  const readBy = ownSettingsOf(["npm", "run", "dev"], folder);
  expect(readBy("PUBLIC_URL")).toBe("Create React App");
  expect(readBy("AUTH_URL")).toBe("Auth.js");
  expect(readBy("AUTH_HOST")).toBe(null);
});

test("docs/environment.md names each", () => {
  const docs = readFileSync(new URL("../../../docs/environment.md", import.meta.url), "utf8");
  const rows = [...docs.matchAll(/^\| ([^|]+) \| `[a-z][\w-]*`/gm)].map(([, reader]) => reader);
  expect(rows).toEqual(OWN_SETTINGS.map(({ readBy }) => readBy));
});
