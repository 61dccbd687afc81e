import { Agent, request } from "node:http";
import type { Page } from "playwright-core";
import { browser } from "../test/support/browser.ts";
import { program } from "../test/support/programs.ts";
import { startHome } from "./real-home.ts";
import { aligned, median, type Section } from "./section.ts";
import { THIS_TREE } from "./trees.ts";

const PORT = 29_180;
const HOST = `api.bench.localhost:${PORT}`;
/** More than the ring holds: it is full. */
const EXCHANGES = 101_000;
const FRAMES = 120;

const SERVER = `
const { createServer } = require("node:http");
createServer((asked, answer) => {
  answer.statusCode = asked.url.endsWith("7") ? 500 : 200;
  answer.end(asked.url);
}).listen(Number(process.env.PORT), process.env.HOST);
`;

/** The dashboard's traffic page over a full ring. */
export const trafficPage: Section = {
  title: "The traffic page with 100,000 exchanges",
  about:
    "Chromium (headless, drawing by software) opens the page anew, files from its cache; until the newest row is drawn. A search " +
    "goes through 100,000 exchanges in home. Frames while the list jumps from place to place, 120 jumps a round.",
  run: async ({ rounds }) => {
    if (program("chromium") === null) return ["skipped: Chromium is missing"];
    const home = await startHome(THIS_TREE, PORT, {
      "cove.yaml": "name: bench\nservices:\n  api:\n    command: node server.cjs\n",
      "server.cjs": SERVER,
    });
    try {
      await fill();
      await using context = await browser();
      const page = await context.newPage();
      await page.goto((await home.cove("open", "--print")).trim());
      return await measured(page, rounds);
    } finally {
      await home.stop();
    }
  },
};

async function measured(page: Page, rounds: number): Promise<string[]> {
  const times = { open: [] as number[], traces: [] as number[], status: [] as number[], text: [] as number[] };
  const frames: number[] = [];
  const to = async (path: string) => {
    await page.goto(`http://cove.localhost:${PORT}/traffic${path}`);
    await page.locator(".row[data-exchange]").last().waitFor();
    return page.evaluate<number>("globalThis.drawn");
  };
  await page.addInitScript(WATCH);
  await to("");
  for (let round = 0; round < rounds; round++) {
    times.open.push(await to(""));
    frames.push(...(await page.evaluate<number[]>(JUMP)));
    times.status.push(await to("?filter=status:500"));
    times.text.push(await to("?filter=n=100997"));
    await page.getByRole("radio", { name: "Traces" }).check();
    times.traces.push(await to(""));
    await page.getByRole("radio", { name: "List" }).check();
  }
  const sorted = frames.sort((a, b) => a - b);
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] ?? 0).toFixed(0);
  return [
    ...aligned([
      ["", "ms"],
      ["opened", median(times.open).toFixed(0)],
      ["opened as traces", median(times.traces).toFixed(0)],
      ["opened with status:500", median(times.status).toFixed(0)],
      ["opened with a search in all texts", median(times.text).toFixed(0)],
    ]),
    `frames while scrolling: median ${at(0.5)} ms, p95 ${at(0.95)} ms`,
  ];
}

/** In the page: when its first row was drawn, ms since it was asked for. To ask for it from here takes steps of 500 ms. */
const WATCH = `(() => {
  const look = () => {
    if (document.querySelector(".row[data-exchange]") === null) requestAnimationFrame(look);
    else globalThis.drawn = performance.now();
  };
  requestAnimationFrame(look);
})()`;

/** In the page: jumps from place to place, a frame each. */
const JUMP = `(async () => {
  const box = document.querySelector(".rows");
  const took = [];
  let before = performance.now();
  for (let n = 0; n < ${FRAMES}; n++) {
    box.scrollTop = box.scrollHeight * ((n * 37) % ${FRAMES}) / ${FRAMES};
    await new Promise(requestAnimationFrame);
    took.push(performance.now() - before);
    before = performance.now();
  }
  return took;
})()`;

async function fill(): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 24 });
  let next = 0;
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      const path = `/orders?n=${next++}`;
      const asked = request({ host: "127.0.0.1", port: PORT, path, agent, headers: { host: HOST } }, (answer) =>
        answer.resume().on("end", resolve),
      );
      asked.on("error", reject).end();
    });
  await Promise.all(
    Array.from({ length: 24 }, async () => {
      while (next < EXCHANGES) await ask();
    }),
  );
  agent.destroy();
}
