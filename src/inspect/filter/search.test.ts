import { expect, test } from "vitest";
import { scene } from "../../capture/exchange.fixture.ts";
import { orThrow } from "../../fault/fault.ts";
import { parseFilter } from "./filter.ts";
import { search } from "./search.ts";

test("finds the newest first, up to a limit, and from a number on to older ones", async () => {
  const said = scene();
  for (let n = 1; n <= 50; n++) said.http({ target: `/${n % 2 === 0 ? "even" : "odd"}/${n}` });
  const { ring } = said.recorder;
  const filter = orThrow(parseFilter("path:/even/*"));
  const seqs = async (options = {}) => search(ring, filter, options);
  expect(await seqs({ limit: 3 })).toEqual([50, 48, 46]);
  expect(await seqs({ limit: 2, before: 45 })).toEqual([44, 42]);
  expect(await seqs()).toHaveLength(25);
  said.recorder.clear();
  expect(await seqs()).toEqual([]);
});

test("a long walk lets others have their turn, and can be ended", async () => {
  const said = scene();
  const body = Buffer.alloc(1024 * 1024, "x");
  for (let n = 0; n < 100; n++) said.http({ responseBody: body });
  const filter = orThrow(parseFilter("nothing-says-this"));
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  expect(await search(said.recorder.ring, filter)).toEqual([]);
  clearInterval(others);
  expect(turns).toBeGreaterThan(3);

  const every = orThrow(parseFilter("-nothing-says-this"));
  const early = new AbortController();
  setImmediate(() => early.abort());
  const found = await search(said.recorder.ring, every, { signal: early.signal });
  expect(found.length).toBeLessThan(100);
});
