import { recognise } from "./framework-flags.ts";
import { FRAMEWORKS } from "./frameworks.ts";
import { packagesOf } from "./package-scripts.ts";

/** Variables that a program takes for settings of its own, so that an edge's variable of that name would mislead it. */
interface OwnSettings {
  /** Who takes them for its own, as the docs name it. */
  readonly readBy: string;
  readonly variables: RegExp;
  /** Programs that the service's command starts, wrappers (`bun`) included. Neither these nor `packages`: every program. */
  readonly programs?: readonly string[];
  /** Packages that its package.json depends on. */
  readonly packages?: RegExp;
}

const CGI = /^(HTTP|REMOTE|SERVER)_/;

/** Besides those that Cove itself sets for a framework (`env` in `frameworks.ts`). In the order of the docs. */
export const OWN_SETTINGS: readonly OwnSettings[] = [
  { readBy: "Cove", variables: /^COVE_/ },
  { readBy: "Docker and Podman", variables: /^(DOCKER|CONTAINER)_HOST$/ },
  { readBy: "Kubernetes clients", variables: /^KUBERNETES_SERVICE_(HOST|PORT)$/ },
  {
    readBy: "Spring Boot, Helidon, Quarkus, Micronaut",
    variables: /^(((MANAGEMENT|MICRONAUT|SPRING_RSOCKET)_)?SERVER|QUARKUS_HTTP)_(HOST|PORT)$/,
    programs: ["mvn", "mvnw", "mvnd", "gradle", "gradlew", "java", "quarkus"],
  },
  { readBy: "ASP.NET", variables: /^HTTPS_PORT$/, programs: ["dotnet"] },
  { readBy: "Bun", variables: /^(BUN|NODE)_PORT$/, programs: ["bun", "bunx"] },
  {
    readBy: "Nuxt",
    variables: /^(NITRO|NUXT)_(HOST|PORT)$|^NUXT_APP_BASE_URL$/,
    programs: ["nuxt", "nuxi", "nitro", "vinxi"],
  },
  {
    readBy: "Create React App",
    variables: /^(PUBLIC_URL|WDS_SOCKET_(HOST|PORT))$/,
    programs: ["react-scripts", "craco"],
  },
  { readBy: "Directus and Strapi", variables: /^PUBLIC_URL$/, programs: ["directus", "strapi"] },
  { readBy: "Auth.js", variables: /^(NEXT)?AUTH_URL$/, packages: /^(next-auth|@auth\/.*)$/ },
  { readBy: "Better Auth", variables: /^BETTER_AUTH_URL$/, packages: /^better-auth$/ },
  {
    readBy: "React Native and Expo",
    variables: /^(RCT_METRO_PORT|EXPO_PACKAGER_PROXY_URL)$/,
    programs: ["expo", "react-native"],
  },
  { readBy: "Meteor", variables: /^ROOT_URL$/, programs: ["meteor"] },
  { readBy: "Jupyter", variables: /^JUPYTER_PORT$/, programs: ["jupyter", "jupyter-lab", "jupyter-notebook"] },
  { readBy: "Granian", variables: /^GRANIAN_(HOST|PORT)$/, programs: ["granian"] },
  {
    readBy: "Django's own server, which takes them for CGI's",
    variables: CGI,
    programs: ["manage.py", "django-admin"],
  },
  { readBy: "PHP, which takes them for CGI's", variables: CGI, programs: ["php", "frankenphp"] },
  { readBy: "Laravel", variables: /^(APP_(NAME|URL)|ASSET_URL|SERVER_(HOST|PORT))$/, programs: ["artisan"] },
  { readBy: "Phoenix", variables: /^PHX_(HOST|PORT)$/, programs: ["mix"] },
  { readBy: "Rocket", variables: /^ROCKET_PORT$/, programs: ["cargo"] },
  { readBy: "Trunk", variables: /^TRUNK_SERVE_PORT$/, programs: ["trunk"] },
];

/**
 * Who among what a command starts takes a variable for a setting of its own, where an edge gives one of that name: `SERVER_PORT`
 * of a service `server` is the port at which Spring Boot listens. Null: nobody.
 */
export function ownSettingsOf(command: string | readonly string[], cwd: string): (variable: string) => string | null {
  const found = recognise(command, cwd);
  const programs = [found?.program.name ?? [], found?.program.through ?? []].flat();
  const packages = packagesOf(cwd);
  const rows = OWN_SETTINGS.filter(({ programs: some, packages: others }) => {
    if (some === undefined && others === undefined) return true;
    return some?.some((name) => programs.includes(name)) || packages.some((name) => others?.test(name));
  });
  // What is set for every command means one framework alone; a program of another framework takes it for nothing.
  const frameworks = FRAMEWORKS.filter((row) =>
    found?.framework ? row === found.framework : row.everywhere === true && row.env !== undefined,
  );
  return (variable) =>
    rows.find(({ variables }) => variables.test(variable))?.readBy ??
    frameworks.find(({ env = {} }) => variable in env)?.programs[0] ??
    null;
}
