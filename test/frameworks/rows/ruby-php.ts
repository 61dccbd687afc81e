import type { Row } from "../row.ts";

const edited = (name: string, file: string) =>
  ({ file, from: "says one", to: "says two", says: `${name} says two`, byHand: true }) as const;

const hasGem = (file: string) => ["ruby", "-e", `require "${file}"`] as const;

const RACK = `run lambda { |env|
  request = Rack::Request.new(env)
  next [302, { "location" => request.base_url + "/" }, []] if request.path == "/old"
  [200, { "content-type" => "text/html" }, ["<p>rack says one</p>"]]
}
`;

/** Ruby's and PHP's servers, as Debian packages them, and servers that are no language's. */
export const RUBY_PHP: readonly Row[] = [
  {
    name: "rackup",
    title: "Rack, rackup",
    needs: ["rackup"],
    needsToRun: [hasGem("rack")],
    version: ["ruby", "-rrack", "-e", "puts Rack.release"],
    files: { "config.ru": RACK },
    run: ["rackup"],
    page: { says: "rack says one" },
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "puma",
    title: "Rack on Puma",
    needs: ["puma"],
    needsToRun: [hasGem("rack")],
    version: ["puma", "--version"],
    files: { "config.ru": RACK },
    run: ["puma"],
    page: { says: "rack says one" },
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "sinatra",
    title: "Sinatra",
    needs: ["ruby"],
    // The server that it starts on.
    needsToRun: [hasGem("sinatra/base"), hasGem("puma")],
    version: ["ruby", "-rsinatra/base", "-e", "puts Sinatra::VERSION"],
    files: {
      "app.rb": `require "sinatra"
get("/") { erb :home }
get("/old") { redirect "/" }
`,
      "views/home.erb": "<p>sinatra says one</p>\n",
    },
    run: ["ruby", "app.rb"],
    page: { says: "sinatra says one" },
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "jekyll",
    title: "Jekyll",
    needs: ["jekyll"],
    version: ["jekyll", "--version"],
    files: {
      "_config.yml": "url: https://docs.test\n",
      "index.html": `---
---
<!doctype html><html><head></head><body><p>jekyll says one</p><a href="{{ '/about/' | absolute_url }}">about</a></body></html>
`,
      "about/index.html": "---\n---\nabout\n",
    },
    run: ["jekyll", "serve"],
    page: { says: "jekyll says one" },
    edit: edited("jekyll", "index.html"),
    redirect: { from: "/about", to: "/about/" },
    links: { path: "/", has: `href="NAME/about/"` },
  },
  {
    name: "php",
    title: "PHP's own server",
    needs: ["php"],
    version: ["php", "-r", "echo PHP_VERSION;"],
    files: {
      "index.php": `<?php
$here = "http://" . $_SERVER["HTTP_HOST"] . "/";
if ($_SERVER["REQUEST_URI"] === "/old") { header("Location: $here"); exit; }
echo "<p>php says one</p>";
`,
    },
    run: ["php", "-S", "localhost:8000"],
    page: { says: "php says one" },
    edit: edited("php", "index.php"),
    redirect: { from: "/old", to: "/" },
    quick: true,
  },
  {
    name: "caddy",
    title: "Caddy, file-server",
    needs: ["caddy"],
    version: ["caddy", "version"],
    files: { "index.html": "<p>caddy says one</p>", "about/index.html": "about" },
    run: ["caddy", "file-server"],
    page: { says: "caddy says one" },
    edit: edited("caddy", "index.html"),
    redirect: { from: "/about", to: "/about/" },
  },
  {
    name: "nginx",
    title: "nginx in the foreground",
    needs: ["nginx"],
    version: ["sh", "-c", "nginx -v 2>&1"],
    files: {
      "nginx.conf": `daemon off;
pid nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path tmp1; proxy_temp_path tmp2; fastcgi_temp_path tmp3; uwsgi_temp_path tmp4; scgi_temp_path tmp5;
  types { text/html html; }
  server { listen 127.0.0.1:8311; root files; }
}
`,
      "files/index.html": "<p>nginx says one</p>",
      "files/about/index.html": "about",
    },
    run: ["nginx", "-p", ".", "-c", "nginx.conf"],
    page: { says: "nginx says one" },
    edit: edited("nginx", "files/index.html"),
    redirect: { from: "/about", to: "/about/" },
    note: "listens at its own port, and is followed there",
  },
];
