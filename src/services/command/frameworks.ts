import type { Framework, Listen } from "./framework.ts";

const long: Listen = { by: "flags", port: ["--port"], host: ["--host"] };
const longOrP: Listen = { by: "flags", port: ["--port", "-p"], host: ["--host"] };
const longOrPh: Listen = { by: "flags", port: ["--port", "-p"], host: ["--host", "-h"] };
const longOrPH: Listen = { by: "flags", port: ["--port", "-p"], host: ["--host", "-H"] };
const addressFlag: Listen = { by: "flags", port: ["--port", "-p"], host: ["--address", "-a"] };
const bindFlag: Listen = { by: "bind", flag: ["--bind", "-b"] };

/** Its page's client goes where the server listens, unless told to go where the page came from. */
const pageHost = ["--client-web-socket-url", "auto://0.0.0.0:0"] as const;

/** Jupyter answers 403 to names that it doesn't know, and knows `localhost` only as long as no others are given. */
const jupyter: Pick<Framework, "listen" | "also" | "atDoor"> = {
  listen: { by: "flags", port: ["--ServerApp.port=", "--port="], host: ["--ServerApp.ip=", "--ip="] },
  also: ["--ServerApp.port_retries=0", "--no-browser"],
  atDoor: {
    flags: [
      ["--ServerApp.local_hostnames=", "localhost"],
      ["--ServerApp.local_hostnames=", "{doorHost}"],
    ],
    unless: ["--ServerApp.allow_remote_access"],
  },
};

/** A framework is a row. */
export const FRAMEWORKS: readonly Framework[] = [
  // JavaScript
  { programs: ["vite"], not: ["build", "optimize"], listen: long, also: ["--strictPort"] },
  { programs: ["vitepress"], sub: ["", "dev"], listen: long, also: ["--strictPort"] },
  { programs: ["astro"], sub: ["dev", "start", "preview"], listen: long },
  { programs: ["ng", "@angular/cli"], sub: ["serve", "s", "dev"], listen: long },
  { programs: ["react-router", "@react-router/dev"], sub: ["dev"], listen: long, also: ["--strictPort"] },
  { programs: ["remix", "@remix-run/dev"], sub: ["vite:dev"], listen: long, also: ["--strictPort"] },
  { programs: ["vinxi"], sub: ["dev", "start"], listen: long },
  { programs: ["nuxt", "nuxi"], sub: ["dev"], listen: longOrPh },
  {
    programs: ["next"],
    sub: ["", "dev", "start"],
    listen: { by: "flags", port: ["--port", "-p"], host: ["--hostname", "-H"] },
  },
  // `--host` of Expo means a way to connect (lan, tunnel, localhost), not an address.
  {
    programs: ["expo"],
    sub: ["start"],
    listen: {
      by: "flags",
      port: ["--port", "-p"],
      host: ["--host", "-m", "--localhost", "--lan", "--tunnel"],
      hostIs: "localhost",
    },
  },
  { programs: ["react-native"], sub: ["start"], listen: long },
  { programs: ["webpack", "webpack-cli"], sub: ["serve", "server", "s"], listen: long, also: [pageHost] },
  { programs: ["webpack-dev-server"], listen: long, also: [pageHost] },
  // Without a host its page's client goes to the page's own.
  {
    programs: ["rspack", "@rspack/cli"],
    sub: ["serve", "server", "s", "dev"],
    listen: { by: "flags", port: ["--port"] },
    toldDoorPort: "unless given",
  },
  {
    programs: ["modern", "@modern-js/app-tools"],
    sub: ["dev", "start"],
    listen: { by: "env" },
    toldDoorPort: "always",
  },
  { programs: ["rsbuild", "@rsbuild/core"], sub: ["", "dev", "preview"], listen: long },
  // Its page's client takes this for the page's own host.
  { programs: ["parcel"], not: ["build", "watch", "help"], listen: longOrP, also: [["--hmr-host", "0.0.0.0"]] },
  { programs: ["gatsby", "gatsby-cli"], sub: ["develop", "serve"], listen: longOrPH },
  // Where it finds this variable, its page's client goes where the page came from.
  { programs: ["vue-cli-service"], sub: ["serve"], listen: long, env: { CODESANDBOX_SSE: "true" } },
  { programs: ["ember", "ember-cli"], sub: ["serve", "server", "s"], listen: longOrP },
  {
    programs: ["quasar", "@quasar/cli"],
    sub: ["dev", "serve"],
    listen: { by: "flags", port: ["--port", "-p"], host: ["--hostname", "-H"] },
  },
  {
    programs: ["react-scripts", "craco"],
    sub: ["start"],
    listen: { by: "env" },
    env: { WDS_SOCKET_HOST: "{doorHost}", WDS_SOCKET_PORT: "{doorPort}" },
    everywhere: true,
  },
  { programs: ["storybook"], sub: ["dev"], listen: longOrPh, also: ["--exact-port"], toldDoorPort: "always" },
  { programs: ["docusaurus", "@docusaurus/core"], sub: ["start", "serve"], listen: longOrPh },
  { programs: ["eleventy", "@11ty/eleventy"], only: /^--serve$/, listen: { by: "flags", port: ["--port="] } },
  { programs: ["wrangler"], sub: ["dev"], listen: { by: "flags", port: ["--port"], host: ["--ip"] } },
  { programs: ["wrangler"], sub: ["pages"], only: /^dev$/, listen: { by: "flags", port: ["--port"], host: ["--ip"] } },
  {
    programs: ["browser-sync"],
    not: ["init", "reload", "recipe"],
    listen: { by: "flags", port: ["--port"], host: ["--listen"] },
    also: ["--no-open"],
  },
  {
    programs: ["esbuild"],
    only: /^--serve(dir)?(=|$)/,
    listen: { by: "bind", flag: ["--serve="], bare: true },
    hostField: "localhost",
  },
  {
    programs: ["web-dev-server", "wds", "@web/dev-server"],
    listen: { by: "flags", port: ["--port", "-p"], host: ["--hostname", "-h"] },
  },
  { programs: ["farm", "@farmfe/cli"], sub: ["", "start", "dev", "preview"], listen: long },
  {
    programs: ["slidev", "@slidev/cli"],
    not: ["build", "export", "export-notes", "format", "theme"],
    listen: { by: "flags", port: ["--port", "-p"] },
  },
  {
    programs: ["hexo", "hexo-cli"],
    sub: ["server", "s"],
    listen: { by: "flags", port: ["--port", "-p"], host: ["--ip", "-i"] },
  },
  { programs: ["http-server"], listen: { by: "flags", port: ["-p", "--port"], host: ["-a"] } },
  {
    programs: ["serve"],
    listen: { by: "bind", flag: ["--listen", "-l", "-p"], scheme: "tcp://" },
    also: ["--no-port-switching"],
  },
  { programs: ["live-server"], listen: { by: "flags", port: ["--port="], host: ["--host="] }, also: ["--no-browser"] },
  { programs: ["json-server"], listen: longOrP },
  { programs: ["prism", "@stoplight/prism-cli"], sub: ["mock", "proxy"], listen: longOrPh },
  // `deno serve`, which a task may be, may listen at the address of its own flags alone: another one lacks the permission.
  {
    programs: ["deno"],
    not: ["serve", "task"],
    listen: { by: "env" },
    env: { DENO_SERVE_ADDRESS: "tcp:{host}:{port}" },
  },
  // Python
  {
    programs: ["uvicorn"],
    listen: long,
    env: { UVICORN_HOST: "{host}", UVICORN_PORT: "{port}" },
    everywhere: true,
  },
  { programs: ["fastapi"], sub: ["dev", "run"], listen: long },
  { programs: ["granian"], listen: long },
  { programs: ["hypercorn"], listen: bindFlag },
  { programs: ["gunicorn"], listen: bindFlag },
  { programs: ["daphne"], listen: { by: "flags", port: ["-p", "--port"], host: ["-b", "--bind"] } },
  {
    programs: ["flask"],
    sub: ["run"],
    values: ["--app", "-A", "--env-file", "-e"],
    listen: longOrPh,
    env: { FLASK_RUN_HOST: "{host}", FLASK_RUN_PORT: "{port}" },
    everywhere: true,
  },
  {
    programs: ["manage.py", "django", "django-admin"],
    sub: ["runserver"],
    values: ["--settings", "--pythonpath", "-v", "--verbosity"],
    listen: { by: "word", word: "host:port" },
  },
  {
    programs: ["http.server"],
    values: ["-d", "--directory", "-b", "--bind", "-p", "--protocol"],
    listen: { by: "word", word: "port", host: ["--bind", "-b"] },
  },
  {
    programs: ["mkdocs"],
    sub: ["serve"],
    listen: { by: "bind", flag: ["--dev-addr", "-a"] },
    toldDoor: "python",
  },
  {
    programs: ["streamlit"],
    sub: ["run"],
    listen: { by: "flags", port: ["--server.port"], host: ["--server.address"] },
    also: ["--server.headless=true"],
    env: {
      STREAMLIT_SERVER_ADDRESS: "{host}",
      STREAMLIT_SERVER_PORT: "{port}",
      STREAMLIT_SERVER_HEADLESS: "true",
    },
    everywhere: true,
  },
  {
    programs: ["gradio"],
    listen: { by: "env" },
    env: { GRADIO_SERVER_NAME: "{host}", GRADIO_SERVER_PORT: "{port}" },
    everywhere: true,
  },
  { programs: ["jupyter"], sub: ["lab", "notebook", "server", "nbclassic"], ...jupyter },
  { programs: ["jupyter-lab", "jupyter-notebook", "jupyter-server", "jupyterlab", "notebook"], ...jupyter },
  // Its WebSocket refuses other pages' origins than the address where it listens, or those that are given instead.
  {
    programs: ["bokeh", "panel"],
    sub: ["serve"],
    listen: { by: "flags", port: ["--port"], host: ["--address"] },
    env: { BOKEH_ALLOW_WS_ORIGIN: "{doorHost}:{doorPort},{host}:{port},localhost:{port}" },
    everywhere: true,
  },
  { programs: ["sphinx-autobuild", "sphinx_autobuild"], listen: long, toldDoor: "python" },
  { programs: ["shiny"], sub: ["run"], listen: long },
  { programs: ["marimo"], sub: ["edit", "run"], listen: longOrP, also: ["--headless"] },
  // Ruby, PHP, Elixir
  {
    programs: ["rails"],
    sub: ["server", "s"],
    listen: { by: "flags", port: ["-p", "--port"], host: ["-b", "--binding"] },
  },
  { programs: ["puma"], listen: { by: "bind", flag: ["-b", "--bind", "-p", "--port"], scheme: "tcp://" } },
  { programs: ["rackup"], listen: { by: "flags", port: ["-p", "--port"], host: ["-o", "--host"] } },
  {
    programs: ["jekyll"],
    sub: ["serve", "server", "s"],
    listen: { by: "flags", port: ["--port", "-P"], host: ["--host", "-H"] },
    toldDoor: "ruby",
  },
  { programs: ["artisan"], sub: ["serve"], listen: long },
  { programs: ["php"], listen: { by: "replace", after: "-S" } },
  { programs: ["mix"], sub: ["phx.server"], listen: { by: "env" } },
  // Go, Rust, Java, .NET
  // Its links, and its page's live connection, go to the port where it listens.
  {
    programs: ["hugo"],
    sub: ["server", "serve"],
    listen: { by: "flags", port: ["--port", "-p"], host: ["--bind"] },
    atDoor: {
      flags: [
        ["--baseURL=", "http://{doorHost}:{doorPort}/"],
        ["--appendPort=", "false"],
        ["--liveReloadPort=", "{doorPort}"],
      ],
      unless: ["-b"],
    },
  },
  { programs: ["caddy"], sub: ["file-server"], listen: { by: "bind", flag: ["--listen", "-l"] } },
  { programs: ["mdbook"], sub: ["serve"], listen: { by: "flags", port: ["--port", "-p"], host: ["--hostname", "-n"] } },
  { programs: ["zola"], sub: ["serve"], listen: { by: "flags", port: ["--port", "-p"], host: ["--interface", "-i"] } },
  { programs: ["trunk"], sub: ["serve"], listen: addressFlag },
  // Spring Boot and Helidon, Quarkus, Micronaut
  {
    programs: ["mvn", "mvnw", "mvnd", "gradle", "gradlew", "java", "quarkus"],
    listen: { by: "env" },
    env: {
      SERVER_ADDRESS: "{host}",
      SERVER_PORT: "{port}",
      QUARKUS_HTTP_HOST: "{host}",
      QUARKUS_HTTP_PORT: "{port}",
      MICRONAUT_SERVER_HOST: "{host}",
      MICRONAUT_SERVER_PORT: "{port}",
    },
  },
  { programs: ["dotnet"], sub: ["run", "watch"], listen: { by: "bind", flag: ["--urls"], scheme: "http://" } },
];
