import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    outDir: "../dist/dashboard",
    emptyOutDir: true,
    // What light-dark(), color-mix() and content-visibility need anyway.
    target: ["chrome123", "firefox125", "safari18"],
    // The page's CSP wants files, not data.
    assetsInlineLimit: 0,
  },
});
