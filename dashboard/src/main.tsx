import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { createHome, HomeContext } from "./home/home.ts";
import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/fields.css";
import "./style/overlays.css";
import "./style/shell.css";
import "./style/node.css";
import "./style/map.css";
import "./style/edges.css";
import "./style/edge.css";
import "./style/shaping.css";
import "./style/service.css";
import "./style/ports.css";
import "./style/guard.css";
import "./style/log.css";
import "./style/ansi.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
createRoot(root).render(
  <StrictMode>
    <HomeContext value={createHome()}>
      <App />
    </HomeContext>
  </StrictMode>,
);
