import type { Row } from "../row.ts";

const page = `<!doctype html><title>bundled</title><main></main>`;
const script = (name: string) => `document.querySelector("main").textContent = "${name} says one";\n`;
const edit = (name: string) => ({ file: "src/index.js", from: "one", to: "two", says: `${name} says two` });

const WEBPACK = {
  "src/index.js": script("webpack"),
  "public/index.html": `${page}<script src="/main.js"></script>`,
  "webpack.config.js": `module.exports = { mode: "development", entry: "./src/index.js", devServer: { static: "public" } };\n`,
  "package.json": "{}",
};

export const BUNDLERS: readonly Row[] = [
  {
    name: "webpack-serve",
    title: "webpack serve, dev server 6",
    packages: { "webpack-dev-server": "6.1.0", webpack: "5.113.0", "webpack-cli": "7.3.1" },
    files: WEBPACK,
    dev: "webpack serve",
    page: { says: "webpack says one" },
    edit: edit("webpack"),
    webSocket: /^\/ws$/,
  },
  {
    name: "webpack-serve-5",
    title: "webpack serve, dev server 5",
    packages: { "webpack-dev-server": "5.2.7", webpack: "5.113.0", "webpack-cli": "6.0.1" },
    files: WEBPACK,
    dev: "webpack serve",
    page: { says: "webpack says one" },
    edit: edit("webpack"),
    webSocket: /^\/ws$/,
  },
  {
    name: "rspack-serve",
    title: "Rspack",
    packages: { "@rspack/cli": "2.2.8", "@rspack/core": "2.3.3", "@rspack/dev-server": "2.2.2" },
    files: {
      "src/index.js": script("rspack"),
      "public/index.html": `${page}<script src="/main.js"></script>`,
      "rspack.config.mjs": `export default { mode: "development", entry: "./src/index.js", devServer: { static: "public" } };\n`,
    },
    dev: "rspack dev",
    page: { says: "rspack says one" },
    edit: edit("rspack"),
    webSocket: /^\/ws$/,
  },
  {
    name: "parcel",
    title: "Parcel",
    packages: { parcel: "2.16.4" },
    files: {
      "src/index.html": `${page}<script type="module" src="./index.js"></script>`,
      "src/index.js": script("parcel"),
    },
    dev: "parcel src/index.html",
    page: { says: "parcel says one" },
    edit: edit("parcel"),
    webSocket: /^\/$/,
  },
  {
    name: "rsbuild",
    title: "Rsbuild",
    packages: { "@rsbuild/core": "2.3.2" },
    files: { "src/index.js": `document.body.append("rsbuild says one");\n` },
    dev: "rsbuild dev",
    page: { says: "rsbuild says one" },
    edit: edit("rsbuild"),
    webSocket: /^\/rsbuild-hmr$/,
  },
  {
    name: "webpack-dev-server",
    title: "webpack-dev-server by its own name",
    packages: { "webpack-dev-server": "5.2.7", webpack: "5.113.0", "webpack-cli": "6.0.1" },
    files: WEBPACK,
    run: ["npx", "webpack-dev-server"],
    page: { says: "webpack says one" },
    edit: edit("webpack"),
    webSocket: /^\/ws$/,
  },
];
