import { parse } from "yaml";
import type { Finding, Reader, StoreType } from "./finding.ts";
import { type FolderView, isPlain, within } from "./folder-view.ts";

const SETTINGS = ["application.properties", "application.yml", "application.yaml"];
const STORES: readonly (readonly [RegExp, StoreType])[] = [
  [/postgresql/, "postgres"],
  [/mysql-connector|mariadb-java/, "mysql"],
  [/spring-boot-starter-data-redis|lettuce|jedis/, "redis"],
  [/data-mongodb/, "mongodb"],
];

/** Maven and Gradle projects of Spring Boot and Quarkus, with their application.properties or .yml. */
export const java: Reader = {
  reads: "`pom.xml`, `build.gradle`, `application.properties`, `application.yml`",
  read: (view, folder) => {
    const build = ["pom.xml", "build.gradle", "build.gradle.kts"].find((name) => view.exists(within(folder, name)));
    const text = build === undefined ? "" : (view.text(within(folder, build)) ?? "");
    const tool = /quarkus/.test(text) ? "quarkus" : /spring-boot/.test(text) ? "spring" : null;
    if (build === undefined || tool === null) return [];
    const source = within(folder, build);
    const settings = settingsOf(view, folder);
    const uses = STORES.filter(([pattern]) => pattern.test(`${text}\n${settings.text}`)).map(([, store]) => store);
    const command = `${runnerOf(view, folder, build)} ${task(build, tool)}`;
    return [
      // Spring reads SERVER_PORT and SERVER_ADDRESS; PORT says nothing to it.
      { type: "app", folder, command: withPort(command, tool), role: "api", uses, source },
      ...settings.variables.map(({ name, value }): Finding => {
        return { type: "variable", folder, name, value, source: settings.source };
      }),
    ];
  },
};

const task = (build: string, tool: string): string => {
  if (build === "pom.xml") return tool === "quarkus" ? "quarkus:dev" : "spring-boot:run";
  return tool === "quarkus" ? "quarkusDev" : "bootRun";
};

const withPort = (command: string, tool: string): string =>
  tool === "spring"
    ? `SERVER_PORT=$PORT SERVER_ADDRESS=$HOST ${command}`
    : `QUARKUS_HTTP_PORT=$PORT QUARKUS_HTTP_HOST=$HOST ${command}`;

function runnerOf(view: FolderView, folder: string, build: string): string {
  if (build === "pom.xml") return view.exists(within(folder, "mvnw")) ? "./mvnw" : "mvn";
  return view.exists(within(folder, "gradlew")) ? "./gradlew" : "gradle";
}

/** Placeholders `${NAME:default}` in the settings are variables that the app reads. */
function settingsOf(view: FolderView, folder: string) {
  const source = SETTINGS.map((name) => within(folder, `src/main/resources/${name}`)).find((path) => view.exists(path));
  const text = (source && view.text(source)) || "";
  const flat = source?.endsWith("properties") === false ? flattened(parsed(text)) : text;
  const variables = [...flat.matchAll(/^.*?(\w+)\s*[=:]\s*\$\{([A-Z_][A-Z0-9_]*)(?::([^}]*))?\}\s*$/gm)].map(
    ([, field = "", name = "", value = ""]) => ({ name, value: value === "" ? exampleOf(field) : value }),
  );
  return { source: source ?? "", text: flat, variables };
}

function exampleOf(field: string): string {
  const examples: Record<string, string> = { url: "jdbc:postgresql://localhost:5432/app", username: "field:user" };
  return examples[field] ?? (field === "password" ? "field:password" : "");
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return null;
  }
}

function flattened(value: unknown, path = ""): string {
  if (!isPlain(value)) return `${path}=${String(value)}\n`;
  return Object.entries(value)
    .map(([key, inner]) => flattened(inner, path === "" ? key : `${path}.${key}`))
    .join("");
}
