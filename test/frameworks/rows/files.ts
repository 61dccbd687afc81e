import type { Row } from "../row.ts";

const index = (name: string) =>
  `<!doctype html><html><head><title>files</title></head><body><p>${name} says one</p></body></html>`;
const edited = (name: string) => ({ file: "index.html", from: "says one", to: "says two", says: `${name} says two` });

/** Servers of a folder's files. */
export const FILES: readonly Row[] = [
  {
    name: "live-server",
    title: "live-server",
    packages: { "live-server": "1.2.2" },
    files: { "index.html": index("live-server"), "about/index.html": index("about") },
    dev: "live-server",
    page: { says: "live-server says one" },
    edit: edited("live-server"),
    webSocket: /\/ws$/,
    redirect: { from: "/about", to: "/about/" },
  },
  {
    name: "browser-sync",
    title: "Browsersync",
    packages: { "browser-sync": "3.0.4" },
    files: { "index.html": index("browser-sync"), "about/index.html": index("about") },
    dev: "browser-sync start --server --files '*.html' --no-open",
    page: { says: "browser-sync says one" },
    edit: edited("browser-sync"),
    webSocket: /^\/browser-sync\/socket\.io\/$/,
    redirect: { from: "/about", to: "/about/" },
  },
  {
    name: "serve",
    title: "serve",
    packages: { serve: "14.2.7" },
    files: { "index.html": index("serve"), "about.html": index("about") },
    dev: "serve",
    page: { says: "serve says one" },
    edit: { ...edited("serve"), byHand: true },
    redirect: { from: "/about.html", to: "/about" },
  },
  {
    name: "http-server",
    title: "http-server",
    packages: { "http-server": "14.1.1" },
    files: { "index.html": index("http-server"), "about/index.html": index("about") },
    dev: "http-server -c-1",
    page: { says: "http-server says one" },
    edit: { ...edited("http-server"), byHand: true },
    redirect: { from: "/about", to: "/about/" },
  },
  {
    name: "json-server",
    title: "json-server",
    packages: { "json-server": "0.17.4" },
    files: {
      "package.json": "{}",
      "db.json": JSON.stringify({ words: Array.from({ length: 30 }, (_, id) => ({ id, says: `json says ${id}` })) }),
    },
    dev: "json-server --watch db.json",
    page: { path: "/words", says: "json says 1" },
    edit: { file: "db.json", from: 'json says 1"', to: 'json says 100"', says: "json says 100", byHand: true },
  },
  {
    name: "esbuild",
    title: "esbuild --serve with live reload",
    packages: { esbuild: "0.28.2" },
    files: {
      "public/index.html": `<!doctype html><title>esbuild</title><main></main><script src="/main.js"></script>`,
      "main.js": `new EventSource("/esbuild").addEventListener("change", () => location.reload());
document.querySelector("main").textContent = "esbuild says one";\n`,
    },
    dev: "esbuild main.js --bundle --outdir=public --servedir=public --watch=forever",
    page: { says: "esbuild says one" },
    edit: { file: "main.js", from: "says one", to: "says two", says: "esbuild says two" },
    eventStream: /^\/esbuild$/,
  },
  {
    name: "wrangler",
    title: "Cloudflare Workers, wrangler dev",
    packages: { wrangler: "4.164.0" },
    files: {
      "wrangler.json": `{ "name": "worker", "main": "worker.js", "compatibility_date": "2026-01-01" }\n`,
      "worker.js": `export default {
  fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === "/old") return Response.redirect(new URL("/", url).href, 302);
    return new Response("<!doctype html><html><head></head><body>worker says one</body></html>", { headers: { "content-type": "text/html" } });
  },
};\n`,
    },
    env: { WRANGLER_SEND_METRICS: "false" },
    dev: "wrangler dev",
    page: { says: "worker says one" },
    edit: { file: "worker.js", from: "says one", to: "says two", says: "worker says two", byHand: true },
    redirect: { from: "/old", to: "/" },
    note: "its `--live-reload` refuses pages of all names but localhost",
  },
];
