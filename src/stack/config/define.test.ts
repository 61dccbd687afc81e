import { expect, test } from "vitest";
import { command, defineStack, external, files, mock, postgres } from "./define.ts";

test("helpers give plain data, as YAML would", () => {
  const stack = defineStack({
    name: "shop",
    services: {
      db: postgres({ init: ["./schema.sql"] }),
      pay: external(4000),
      api: command("node server.ts", { needs: ["db", "pay"], ready: { http: "/healthz" } }),
      web: command(["vite"], { needs: ["api"] }),
      docs: files("./docs", { spa: true, names: "help" }),
      mail: mock("./mail.har", { service: "mail", timing: true, anyBody: true, needs: ["db"] }),
    },
  });
  expect(JSON.parse(JSON.stringify(stack))).toEqual({
    name: "shop",
    services: {
      db: { kind: "postgres", init: ["./schema.sql"] },
      pay: { kind: "external", at: 4000 },
      api: { kind: "command", command: "node server.ts", needs: ["db", "pay"], ready: { http: "/healthz" } },
      web: { kind: "command", command: ["vite"], needs: ["api"] },
      docs: { kind: "files", dir: "./docs", spa: true, names: "help" },
      mail: { kind: "mock", from: "./mail.har", service: "mail", timing: true, anyBody: true, needs: ["db"] },
    },
  });
});

test("the type checker knows a need that names no service, and an option that no one has", () => {
  const db = postgres();
  // @ts-expect-error there is no service dbx
  defineStack({ services: { db, api: command("x", { needs: ["dbx"] }) } });
  // @ts-expect-error the option is called ready
  expect(command("x", { reddy: "tcp" })).toHaveProperty("reddy");
  // @ts-expect-error a probe by http has a path
  expect(command("x", { ready: { http: 5 } })).toHaveProperty("ready");
});
