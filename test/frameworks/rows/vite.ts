import type { Row } from "../row.ts";

export const VITE: readonly Row[] = [
  {
    name: "vite",
    title: "Vite",
    version: ["vite", "--version"],
    files: {
      "index.html": `<!doctype html><title>vite</title><main></main><script type="module" src="/main.js"></script>`,
      "main.js": `document.querySelector("main").textContent = "vite says one";`,
    },
    dev: "vite",
    page: { says: "vite says one" },
    edit: { file: "main.js", from: "one", to: "two", says: "vite says two" },
    webSocket: /^\/$/,
    quick: true,
  },
];
