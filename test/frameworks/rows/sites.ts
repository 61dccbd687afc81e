import type { Row } from "../row.ts";

/** Frameworks with a dev server of their own. */
export const SITES: readonly Row[] = [
  ...(["turbopack", "webpack"] as const).map(
    (bundler): Row => ({
      name: `next-${bundler}`,
      title: `Next.js, app router, ${bundler}`,
      packages: { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" },
      files: {
        "package.json": "{}",
        "next.config.mjs": `export default { async redirects() { return [{ source: "/old", destination: "/", permanent: false }]; } };\n`,
        "app/layout.jsx": `export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }\n`,
        "app/page.jsx": `import Word from "./word.jsx";\nexport default function Page() { return <p>next says <Word /></p>; }\n`,
        "app/word.jsx": `"use client";
import { useEffect, useState } from "react";
export default function Word() {
  const [awake, setAwake] = useState(false);
  useEffect(() => setAwake(true), []);
  return awake ? "one" : "nothing";
}\n`,
      },
      env: { NEXT_TELEMETRY_DISABLED: "1" },
      dev: `next dev --${bundler}`,
      page: { says: "next says one" },
      edit: { file: "app/word.jsx", from: `"one"`, to: `"two"`, says: "next says two" },
      webSocket: /^\/_next\/(webpack-)?hmr$/,
      redirect: { from: "/old", to: "/" },
    }),
  ),
  {
    name: "angular",
    title: "Angular",
    packages: {
      "@angular/cli": "22.2.7",
      "@angular/build": "22.2.7",
      "@angular/compiler-cli": "22.2.6",
      "@angular/compiler": "22.2.6",
      "@angular/core": "22.2.6",
      "@angular/common": "22.2.6",
      "@angular/platform-browser": "22.2.6",
      rxjs: "7.8.2",
      tslib: "2.8.1",
      typescript: "6.0.3",
    },
    files: {
      "angular.json": JSON.stringify({
        version: 1,
        cli: { analytics: false },
        projects: {
          web: {
            projectType: "application",
            root: "",
            sourceRoot: "src",
            architect: {
              build: {
                builder: "@angular/build:application",
                options: { browser: "src/main.ts", tsConfig: "tsconfig.json", outputPath: "out" },
                configurations: { development: { optimization: false, sourceMap: true } },
              },
              serve: { builder: "@angular/build:dev-server", options: { buildTarget: "web:build:development" } },
            },
          },
        },
      }),
      "tsconfig.json": JSON.stringify({
        compilerOptions: { target: "es2022", module: "preserve", moduleResolution: "bundler", strict: true, types: [] },
        files: ["src/main.ts"],
      }),
      "src/index.html": `<!doctype html><html><head><base href="/"></head><body><app-root></app-root></body></html>`,
      "src/main.ts": `import { bootstrapApplication } from "@angular/platform-browser";
import { App } from "./app";
bootstrapApplication(App);\n`,
      "src/app.ts": `import { Component } from "@angular/core";
@Component({ selector: "app-root", template: "<p>angular says one</p>" })
export class App {}\n`,
    },
    dev: "ng serve",
    page: { says: "angular says one" },
    edit: { file: "src/app.ts", from: "says one", to: "says two", says: "angular says two" },
    webSocket: /^\/$/,
  },
  {
    name: "gatsby",
    title: "Gatsby",
    packages: { gatsby: "5.16.1", react: "18.3.1", "react-dom": "18.3.1" },
    files: {
      // The version that it asks for is fetched from elsewhere than npm.
      "package.json": JSON.stringify({ overrides: { sharp: "0.34.5" } }),
      "src/pages/index.js": `import * as React from "react";
export default function Page() { return <p>gatsby says one</p>; }\n`,
    },
    env: { GATSBY_TELEMETRY_DISABLED: "1" },
    dev: "gatsby develop",
    page: { says: "gatsby says one" },
    edit: { file: "src/pages/index.js", from: "says one", to: "says two", says: "gatsby says two" },
    webSocket: /^\/socket\.io\/$/,
    limits: { start: 240_000 },
  },
  {
    name: "docusaurus",
    title: "Docusaurus",
    packages: {
      "@docusaurus/core": "3.10.2",
      "@docusaurus/preset-classic": "3.10.2",
      react: "19.2.0",
      "react-dom": "19.2.0",
    },
    files: {
      "package.json": "{}",
      "docusaurus.config.js": `module.exports = {
  title: "docs", url: "http://docs.test", baseUrl: "/", onBrokenLinks: "ignore",
  presets: [["classic", { docs: { routeBasePath: "/" }, blog: false }]],
};\n`,
      "docs/index.md": "---\nslug: /\n---\n# Guide\n\ndocusaurus says one\n",
    },
    env: { DOCUSAURUS_NO_TELEMETRY: "1" },
    dev: "docusaurus start --no-open",
    page: { says: "docusaurus says one" },
    edit: { file: "docs/index.md", from: "says one", to: "says two", says: "docusaurus says two" },
    webSocket: /^\/ws$/,
    limits: { start: 240_000 },
  },
  {
    name: "eleventy",
    title: "Eleventy",
    packages: { "@11ty/eleventy": "3.1.8" },
    files: {
      "index.html": "<!doctype html><html><head></head><body><p>eleventy says one</p></body></html>",
      "about/index.html": "about",
    },
    dev: "eleventy --serve",
    page: { says: "eleventy says one" },
    edit: { file: "index.html", from: "says one", to: "says two", says: "eleventy says two" },
    webSocket: /^\/$/,
    redirect: { from: "/about", to: "/about/" },
  },
];
