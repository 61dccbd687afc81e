import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { containers } from "./containers.ts";

/** An engine's socket that answers as Docker 28 and podman 5 do. */
async function engine(answers: Record<string, unknown>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "cove-engine-"));
  const path = join(folder, "engine.sock");
  const server = createServer((request, response) => {
    const answer = answers[request.url ?? ""];
    if (answer === undefined) return;
    response
      .setHeader("content-type", "application/json")
      .end(typeof answer === "string" ? answer : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return path;
}

const database = {
  Id: "4f1c".repeat(16),
  Names: ["/shop-db-1"],
  Image: "postgres:18",
  Ports: [
    { IP: "0.0.0.0", PrivatePort: 5432, PublicPort: 5433, Type: "tcp" },
    { IP: "::", PrivatePort: 5432, PublicPort: 5433, Type: "tcp" },
    { PrivatePort: 9000, Type: "tcp" },
  ],
};

test("what engines publish is told, with the engine and its version", async () => {
  const docker = await engine({ "/containers/json": [database], "/version": { Version: "28.2.2" } });
  const podman = await engine({
    "/containers/json": [
      { ...database, Id: "aa".repeat(32), Ports: [{ IP: "", PrivatePort: 80, PublicPort: 8080, Type: "tcp" }] },
    ],
    "/version": { Version: "5.4.0", Components: [{ Name: "Podman Engine" }] },
  });
  expect(await containers([docker, podman, docker])).toEqual([
    {
      engine: "docker",
      engineVersion: "28.2.2",
      id: database.Id,
      name: "shop-db-1",
      image: "postgres:18",
      ports: [
        { protocol: "tcp", host: "0.0.0.0", port: 5433, containerPort: 5432 },
        { protocol: "tcp", host: "::", port: 5433, containerPort: 5432 },
      ],
    },
    expect.objectContaining({
      engine: "podman",
      ports: [{ protocol: "tcp", host: "0.0.0.0", port: 8080, containerPort: 80 }],
    }),
  ]);
});

test("what is no engine, or doesn't answer, has no containers", async () => {
  const silent = await engine({});
  const other = await engine({ "/containers/json": "<html>" });
  const broken = await engine({ "/containers/json": [null, { Id: 3 }, { Id: "x", Ports: "none" }], "/version": [] });
  expect(await containers([silent, other, "/nowhere/docker.sock"])).toEqual([]);
  expect(await containers([broken])).toEqual([
    { engine: "docker", engineVersion: null, id: "x", name: null, image: "", ports: [] },
  ]);
});
