import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { coveSandbox } from "./support/cove.ts";
import { ask, eventually } from "./support/door-request.ts";
import { scratch } from "./support/scratch.ts";

/** Starts its server half a second late, as one does that compiles. */
const server = (says: string) => `import { createServer } from "node:http";
setTimeout(() => createServer((_, res) => res.end("${says}")).listen(process.env.PORT, process.env.HOST), 500);`;

test("under node --watch an edit loses no request: they are held while the server restarts, and a broken one is told", {
  timeout: 90_000,
}, async () => {
  const folder = scratch("watched");
  const file = join(folder, "server.mjs");
  const edit = (text: string) => writeFileSync(file, text);
  edit(server("edit 0"));
  await using sandbox = await coveSandbox();
  await sandbox.start(["run", "--name", "watched", "--", "node", "--watch", "server.mjs"], { cwd: folder });
  const get = () => ask(sandbox.port, "watched.localhost", { headers: { accept: "text/html" } });
  const answers = (says: string) => eventually(async () => ((await get()).body === says ? true : undefined), 8_000);
  // A watcher that is just starting its program anew may miss an edit: it is saved again, as a person would.
  const save = (text: string, says: string) =>
    eventually(async () => {
      edit(text);
      return await answers(says);
    }, 30_000);
  await answers("edit 0");

  const statuses = new Set<number>();
  let goesOn = true;
  const asking = (async () => {
    while (goesOn) {
      const { status, body } = await get();
      // A request that its server had taken when it was ended has no answer, and may not be sent again.
      if (!body.includes("gave no proper answer")) statuses.add(status);
    }
  })();
  for (let n = 1; n <= 3; n++) {
    await save(server(`edit ${n}`), `edit ${n}`);
  }
  goesOn = false;
  await asking;
  expect([...statuses]).toEqual([200]);

  edit("this is no program");
  const page = await eventually(async () => {
    const got = await get();
    return got.status === 502 && got.body.includes("is down") ? got : undefined;
  });
  expect(page.body).toContain("nothing listens at");
  expect(page.body).toContain("SyntaxError");
  await eventually(async () => {
    const { stdout } = await sandbox.cove(["status", "--json"], { cwd: folder });
    return stdout.includes('"state":"unready"') ? true : undefined;
  });
  await save(server("mended"), "mended");
});
