import type { Row } from "../row.ts";

/** Tools that come with a build of their own for one library. */
export const REACT_AND_VUE: readonly Row[] = [
  {
    name: "create-react-app",
    title: "Create React App",
    packages: { "react-scripts": "5.0.1", react: "18.3.1", "react-dom": "18.3.1" },
    files: {
      "package.json": `{ "browserslist": ["last 1 chrome version"] }`,
      "public/index.html": `<!doctype html><title>react</title><div id="root"></div>`,
      "src/index.js": `import { createRoot } from "react-dom/client";
import App from "./App";
createRoot(document.getElementById("root")).render(<App />);\n`,
      "src/App.js": `export default function App() { return <main>react-scripts says one</main>; }\n`,
    },
    dev: "react-scripts start",
    page: { says: "react-scripts says one" },
    edit: { file: "src/App.js", from: "one", to: "two", says: "react-scripts says two" },
    webSocket: /^\/ws$/,
  },
  {
    name: "vue-cli",
    title: "Vue CLI",
    packages: { "@vue/cli-service": "5.0.9", vue: "3.5.22" },
    files: {
      "package.json": `{ "browserslist": ["last 1 chrome version"] }`,
      "public/index.html": `<!doctype html><title>vue</title><div id="app"></div>`,
      "src/main.js": `import { createApp } from "vue";
import App from "./App.vue";
createApp(App).mount("#app");\n`,
      "src/App.vue": `<template><main>vue says {{ word }}</main></template>
<script>
export default { data: () => ({ word: "one" }) };
</script>\n`,
    },
    dev: "vue-cli-service serve",
    page: { says: "vue says one" },
    edit: { file: "src/App.vue", from: "one", to: "two", says: "vue says two" },
    webSocket: /^\/ws$/,
  },
  {
    name: "storybook",
    title: "Storybook with React and Vite",
    packages: {
      storybook: "10.6.7",
      "@storybook/react-vite": "10.6.7",
      vite: "7.3.1",
      "@vitejs/plugin-react": "5.1.4",
      react: "19.2.0",
      "react-dom": "19.2.0",
    },
    files: {
      ".storybook/main.js": `export default {
  stories: ["../src/*.stories.jsx"],
  framework: "@storybook/react-vite",
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
};\n`,
      "vite.config.js": `import react from "@vitejs/plugin-react";
export default { plugins: [react()] };\n`,
      "src/button.stories.jsx": `const Button = () => <button>story says one</button>;
export default { title: "Button", component: Button };
export const Plain = {};\n`,
    },
    dev: "storybook dev",
    page: { path: "/?path=/story/button--plain", says: "story says one" },
    edit: { file: "src/button.stories.jsx", from: "one", to: "two", says: "story says two" },
    webSocket: /^\/storybook-server-channel$/,
  },
];
