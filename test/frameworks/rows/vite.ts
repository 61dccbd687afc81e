import type { Row } from "../row.ts";

const html = (script: string) =>
  `<!doctype html><title>vite</title><main id="app"></main><script type="module" src="${script}"></script>`;

/** Vite, and what is built on its dev server. */
export const VITE: readonly Row[] = [
  {
    name: "vite",
    title: "Vite",
    version: ["vite", "--version"],
    files: {
      "index.html": html("/main.js"),
      "main.js": `document.querySelector("main").textContent = "vite says one";`,
    },
    dev: "vite",
    page: { says: "vite says one" },
    edit: { file: "main.js", from: "one", to: "two", says: "vite says two" },
    webSocket: /^\/$/,
    quick: true,
  },
  {
    name: "vite-in-stack",
    title: "Vite with React and a base, in a stack",
    version: ["vite", "--version"],
    files: {
      "vite.config.js": `import react from "@vitejs/plugin-react";
export default { base: "/app/", plugins: [react()] };\n`,
      "index.html": html("/main.jsx"),
      "main.jsx": `import { createRoot } from "react-dom/client";
import App from "./app.jsx";
createRoot(document.getElementById("app")).render(<App />);\n`,
      "app.jsx": `export default function App() { return <p>react says one</p>; }\n`,
    },
    dev: "vite",
    stack: true,
    page: { path: "/app/", says: "react says one" },
    edit: { file: "app.jsx", from: "one", to: "two", says: "react says two" },
    webSocket: /^\/app\/$/,
    redirect: { from: "/", to: "/app/" },
    quick: true,
  },
  {
    name: "vite-vue",
    title: "Vite with Vue",
    packages: { vite: "8.3.8", vue: "3.5.45", "@vitejs/plugin-vue": "6.0.11" },
    files: {
      "vite.config.js": `import vue from "@vitejs/plugin-vue";\nexport default { plugins: [vue()] };\n`,
      "index.html": html("/main.js"),
      "main.js": `import { createApp } from "vue";\nimport App from "./App.vue";\ncreateApp(App).mount("#app");\n`,
      "App.vue": `<script setup>\nconst word = "one";\n</script>\n<template><p>vue says {{ word }}</p></template>\n`,
    },
    dev: "vite",
    page: { says: "vue says one" },
    edit: { file: "App.vue", from: "one", to: "two", says: "vue says two" },
    webSocket: /^\/$/,
  },
  {
    name: "vite-svelte",
    title: "Vite with Svelte",
    packages: { vite: "8.3.8", svelte: "5.57.3", "@sveltejs/vite-plugin-svelte": "7.3.1" },
    files: {
      "vite.config.js": `import { svelte } from "@sveltejs/vite-plugin-svelte";\nexport default { plugins: [svelte()] };\n`,
      "index.html": html("/main.js"),
      "main.js": `import { mount } from "svelte";\nimport App from "./App.svelte";\nmount(App, { target: document.getElementById("app") });\n`,
      "App.svelte": `<p>svelte says one</p>\n`,
    },
    dev: "vite",
    page: { says: "svelte says one" },
    edit: { file: "App.svelte", from: "one", to: "two", says: "svelte says two" },
    webSocket: /^\/$/,
  },
  {
    name: "sveltekit",
    title: "SvelteKit",
    packages: {
      "@sveltejs/kit": "3.2.0",
      vite: "8.3.8",
      svelte: "5.57.3",
      "@sveltejs/vite-plugin-svelte": "7.3.1",
    },
    files: {
      "vite.config.js": `import { sveltekit } from "@sveltejs/kit/vite";\nexport default { plugins: [sveltekit()] };\n`,
      "src/app.html": `<!doctype html><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body>`,
      "src/routes/+page.svelte": `<p>kit says one</p>\n`,
      "src/routes/old/+server.js": `import { redirect } from "@sveltejs/kit";
export const GET = ({ url }) => redirect(303, new URL("/", url).href);\n`,
    },
    dev: "vite dev",
    page: { says: "kit says one" },
    edit: { file: "src/routes/+page.svelte", from: "one", to: "two", says: "kit says two" },
    webSocket: /^\/$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "astro",
    title: "Astro",
    packages: { astro: "7.3.5" },
    files: {
      "src/pages/index.astro": `---\n---\n<html><body><p>astro says one</p><a href={new URL("/about", Astro.url).href}>about</a></body></html>\n`,
    },
    env: { ASTRO_TELEMETRY_DISABLED: "1" },
    dev: "astro dev",
    page: { says: "astro says one" },
    edit: { file: "src/pages/index.astro", from: "says one", to: "says two", says: "astro says two" },
    webSocket: /^\/$/,
    links: { path: "/", has: `href="NAME/about"` },
  },
  {
    name: "react-router",
    title: "React Router (Remix)",
    packages: {
      "@react-router/dev": "8.4.0",
      "react-router": "8.4.0",
      "@react-router/node": "8.4.0",
      "@react-router/serve": "8.4.0",
      isbot: "5.2.3",
      vite: "8.3.8",
      react: "19.3.1",
      "react-dom": "19.3.1",
    },
    files: {
      "vite.config.js": `import { reactRouter } from "@react-router/dev/vite";\nexport default { plugins: [reactRouter()] };\n`,
      "app/routes.js": `import { index, route } from "@react-router/dev/routes";
export default [index("home.jsx"), route("old", "old.jsx")];\n`,
      "app/root.jsx": `import { Outlet, Scripts } from "react-router";
export default function Root() {
  return <html lang="en"><head /><body><Outlet /><Scripts /></body></html>;
}\n`,
      "app/home.jsx": `export default function Home() { return <p>router says one</p>; }\n`,
      "app/old.jsx": `import { redirect } from "react-router";
export const loader = ({ request }) => redirect(new URL("/", request.url).href);\n`,
    },
    dev: "react-router dev",
    page: { says: "router says one" },
    edit: { file: "app/home.jsx", from: "one", to: "two", says: "router says two" },
    webSocket: /^\/$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "solid-start",
    title: "SolidStart",
    packages: {
      "@solidjs/start": "2.0.5",
      "@solidjs/router": "1.0.0",
      "solid-js": "1.9.20",
      vite: "8.3.8",
    },
    files: {
      "vite.config.js": `import { solidStart } from "@solidjs/start/config";
export default { plugins: [solidStart()] };\n`,
      "src/app.jsx": `import { Router } from "@solidjs/router";
import { FileRoutes } from "@solidjs/start/router";
import { Suspense } from "solid-js";
export default function App() {
  return <Router root={(props) => <Suspense>{props.children}</Suspense>}><FileRoutes /></Router>;
}\n`,
      "src/routes/index.jsx": `export default function Home() { return <p>solid says one</p>; }\n`,
      "src/entry-client.jsx": `import { mount, StartClient } from "@solidjs/start/client";
mount(() => <StartClient />, document.getElementById("app"));\n`,
      "src/entry-server.jsx": `import { createHandler, StartServer } from "@solidjs/start/server";
export default createHandler(() => (
  <StartServer document={({ assets, children, scripts }) => (
    <html lang="en"><head>{assets}</head><body><div id="app">{children}</div>{scripts}</body></html>
  )} />
));\n`,
    },
    dev: "vite dev",
    page: { says: "solid says one" },
    edit: { file: "src/routes/index.jsx", from: "one", to: "two", says: "solid says two" },
    webSocket: /^\/(_build\/?)?$/,
  },
  {
    name: "qwik",
    title: "Qwik City",
    packages: { "@builder.io/qwik": "1.20.1", "@builder.io/qwik-city": "1.20.1", vite: "7.3.1" },
    files: {
      "vite.config.js": `import { qwikCity } from "@builder.io/qwik-city/vite";
import { qwikVite } from "@builder.io/qwik/optimizer";
export default { plugins: [qwikCity(), qwikVite()] };\n`,
      "tsconfig.json": `{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "@builder.io/qwik" } }\n`,
      "src/root.tsx": `import { component$ } from "@builder.io/qwik";
import { QwikCityProvider, RouterOutlet } from "@builder.io/qwik-city";
export default component$(() => (
  <QwikCityProvider><head><meta charset="utf-8" /></head><body><RouterOutlet /></body></QwikCityProvider>
));\n`,
      "src/entry.ssr.tsx": `import { renderToStream } from "@builder.io/qwik/server";
import { manifest } from "@qwik-client-manifest";
import Root from "./root";
export default (options) => renderToStream(<Root />, { manifest, ...options });\n`,
      "src/routes/index.tsx": `import { component$ } from "@builder.io/qwik";
export default component$(() => <p>qwik says one</p>);\n`,
    },
    dev: "vite --mode ssr",
    page: { says: "qwik says one" },
    edit: { file: "src/routes/index.tsx", from: "says one", to: "says two", says: "qwik says two" },
    webSocket: /^\/$/,
  },
  {
    name: "nuxt",
    title: "Nuxt",
    packages: { nuxt: "4.5.2", vue: "3.5.45" },
    env: { NUXT_TELEMETRY_DISABLED: "1" },
    files: {
      "nuxt.config.ts": `export default defineNuxtConfig({ compatibilityDate: "2026-01-01", devtools: { enabled: false } });\n`,
      "app/app.vue": `<template><p>nuxt says {{ word }}</p></template>\n<script setup>\nconst word = "one";\n</script>\n`,
      "server/routes/old.ts": `export default defineEventHandler((event) => sendRedirect(event, new URL("/", getRequestURL(event)).href));\n`,
    },
    dev: "nuxt dev",
    page: { says: "nuxt says one" },
    edit: { file: "app/app.vue", from: `"one"`, to: `"two"`, says: "nuxt says two" },
    webSocket: /^\/_nuxt\/$/,
    redirect: { from: "/old", to: "/" },
  },
  {
    name: "vitepress",
    title: "VitePress",
    packages: { vitepress: "1.6.4" },
    files: { "docs/index.md": "# Guide\n\npress says one\n" },
    dev: "vitepress dev docs",
    page: { says: "press says one" },
    edit: { file: "docs/index.md", from: "says one", to: "says two", says: "press says two" },
    webSocket: /^\/$/,
  },
];
