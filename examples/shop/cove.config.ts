import { command, defineStack, files, postgres } from "cove";

export default defineStack({
  name: "shop",
  services: {
    db: postgres({ init: ["./db/schema.sql"] }),
    api: command("node api/server.ts", { needs: ["db"], ready: { http: "/healthz" } }),
    web: command("vite web", { needs: ["api"] }),
    docs: files("./docs"),
  },
});
