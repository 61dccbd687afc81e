import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, type OwnCove, ownCove } from "./own-cove.ts";
import { aligned, median, type Section } from "./section.ts";

const exec = promisify(execFile);
const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
/** Starts in one round: a process's start is too short to measure once. */
const STARTS = 10;
const SERVER = `require("node:http")
  .createServer((_, response) => response.end("hi"))
  .listen(Number(process.env.PORT), "127.0.0.1");`;
/** A server that doesn't answer by then is broken, ms. */
const ANSWER_TIME = 20_000;

/** How long the command line takes to start, and what it adds to the start of a server. */
export const cli: Section = {
  title: "The command line's start",
  about:
    "Built code with Node's compile cache, as installed, and a home that runs. Whole processes, alternating with a Node that " +
    "does nothing; and the time from the start of a command to a server's first answer, with and without `cove run`.",
  run: async ({ rounds }) => {
    if (!existsSync(at("dist/cli.js"))) return ["skipped: not built; npm run build"];
    await using own = await ownCove();
    writeFileSync(join(own.folder, "server.cjs"), SERVER);
    return [...(await starts(own, rounds * STARTS)), "", ...(await firstAnswers(own, rounds * STARTS))];
  },
};

async function starts(own: OwnCove, times: number): Promise<string[]> {
  const commands = [
    { name: "node -e 0", args: ["-e", "0"] },
    { name: "cove --version", args: [own.bin, "--version"] },
    { name: "cove", args: [own.bin] },
    { name: "cove status --json", args: [own.bin, "status", "--json"] },
    { name: "cove --help", args: [own.bin, "--help"] },
  ].map((command) => ({ ...command, took: [] as number[] }));
  // The first one fills the compile cache.
  for (const { args } of commands) await exec(process.execPath, args, { env: own.env });
  for (let n = 0; n < times; n++) {
    for (const { args, took } of commands) {
      const began = performance.now();
      await exec(process.execPath, args, { env: own.env });
      took.push(performance.now() - began);
    }
  }
  const base = commands[0]?.took ?? [];
  const rows = commands.map(({ name, took }) => [
    name,
    median(took).toFixed(0),
    Math.min(...took).toFixed(0),
    `${(median(took) / median(base)).toFixed(2)} ×`,
  ]);
  return aligned([["", "median ms", "least ms", "of node -e 0"], ...rows]);
}

async function firstAnswers(own: OwnCove, times: number): Promise<string[]> {
  const ways = [
    { name: "node server.cjs", args: () => ["server.cjs"] },
    {
      name: "cove run -- node server.cjs",
      args: (port: number) => [own.bin, "run", "--port", String(port), "--", "node", "server.cjs"],
    },
  ].map((way) => ({ ...way, took: [] as number[] }));
  for (let n = 0; n <= times; n++) {
    for (const { args, took } of ways) {
      const port = await freePort();
      const ms = await firstAnswer(own, args(port), port);
      if (n > 0) took.push(ms);
    }
  }
  const base = median(ways[0]?.took ?? []);
  const rows = ways.map(({ name, took }) => [
    name,
    median(took).toFixed(0),
    Math.min(...took).toFixed(0),
    `+ ${(median(took) - base).toFixed(0)}`,
  ]);
  return aligned([["first answer", "median ms", "least ms", "added"], ...rows]);
}

async function firstAnswer({ folder, env }: OwnCove, args: readonly string[], port: number): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, PORT: String(port) },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  try {
    while (!(await answers(port))) {
      if (performance.now() - began > ANSWER_TIME) throw new Error(`no answer of: ${args.join(" ")}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return performance.now() - began;
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", port, agent: false }, (response) => {
      response.resume().once("end", () => resolve(true));
    });
    asked.once("error", () => resolve(false));
    asked.end();
  });
}
