import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  server: {
    // API_URL is the address of the edge `web → api`.
    proxy: {
      "/api": {
        target: process.env.API_URL ?? "http://127.0.0.1:3000",
        rewrite: (path) => path.slice("/api".length),
      },
    },
  },
});
