import type { Row } from "../row.ts";

/** Tools around the bundlers, with dev servers and clients of their own. */
export const OTHERS: readonly Row[] = [
  {
    name: "umi",
    title: "Umi",
    packages: { umi: "4.7.22", react: "18.3.1", "react-dom": "18.3.1" },
    files: {
      "package.json": "{}",
      ".umirc.ts": `export default { routes: [{ path: "/", component: "index" }] };\n`,
      "src/pages/index.tsx": `import React from "react";\nexport default function Page() { return <p>umi says one</p>; }\n`,
    },
    env: { UMI_DEV_SERVER_COMPRESS: "none" },
    dev: "umi dev",
    page: { says: "umi says one" },
    edit: { file: "src/pages/index.tsx", from: "says one", to: "says two", says: "umi says two" },
    webSocket: /^\//,
  },
  {
    name: "modern-js",
    title: "Modern.js",
    packages: {
      "@modern-js/app-tools": "3.8.1",
      "@modern-js/runtime": "3.8.1",
      react: "19.2.0",
      "react-dom": "19.2.0",
    },
    files: {
      "package.json": "{}",
      "modern.config.ts": `import { appTools, defineConfig } from "@modern-js/app-tools";
export default defineConfig({ plugins: [appTools()] });\n`,
      "tsconfig.json": `{ "compilerOptions": { "jsx": "react-jsx", "module": "esnext", "moduleResolution": "bundler" } }\n`,
      "src/App.tsx": `export default () => <p>modern says one</p>;\n`,
    },
    dev: "modern dev",
    page: { says: "modern says one" },
    edit: { file: "src/App.tsx", from: "says one", to: "says two", says: "modern says two" },
    webSocket: /hmr/,
  },
  {
    name: "rspress",
    title: "Rspress",
    packages: { "@rspress/core": "2.0.22" },
    files: {
      "rspress.config.ts": `export default { root: "docs" };\n`,
      "docs/index.md": "# Guide\n\nrspress says one\n",
    },
    dev: "rspress dev",
    page: { says: "rspress says one" },
    edit: { file: "docs/index.md", from: "says one", to: "says two", says: "rspress says two" },
    webSocket: /hmr/,
  },
  {
    name: "web-dev-server",
    title: "Modern Web's dev server",
    packages: { "@web/dev-server": "1.0.0" },
    files: {
      "index.html": `<!doctype html><html><head></head><body><main></main><script type="module" src="./main.js"></script></body></html>`,
      "main.js": `document.querySelector("main").textContent = "wds says one";\n`,
    },
    dev: "web-dev-server --watch --app-index index.html",
    page: { says: "wds says one" },
    edit: { file: "main.js", from: "says one", to: "says two", says: "wds says two" },
    webSocket: /^\/wds$/,
  },
  {
    name: "slidev",
    title: "Slidev",
    packages: { "@slidev/cli": "53.0.0", "@slidev/theme-default": "0.25.0" },
    files: { "slides.md": "# slidev says one\n\nfirst\n" },
    dev: "slidev",
    page: { says: "slidev says one" },
    edit: { file: "slides.md", from: "says one", to: "says two", says: "slidev says two" },
    webSocket: /^\/$/,
  },
  {
    name: "hexo",
    title: "Hexo",
    packages: { hexo: "8.1.2", "hexo-server": "3.0.0" },
    files: {
      "package.json": `{ "hexo": { "version": "8.1.2" } }`,
      "_config.yml": "title: hexo\nurl: http://hexo.test\nroot: /\ntheme: plain\n",
      "themes/plain/layout/index.ejs": "never",
      "source/index.html": "---\nlayout: false\n---\n<p>hexo says one</p>\n",
    },
    dev: "hexo server",
    page: { says: "hexo says one" },
    edit: { file: "source/index.html", from: "says one", to: "says two", says: "hexo says two", byHand: true },
  },
];
