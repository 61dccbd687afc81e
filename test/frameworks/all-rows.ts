// Run by `npm run test:frameworks`; the file's name keeps it out of `npm test`.
import { keepResults } from "./results.ts";
import { runRows } from "./run-rows.ts";
import { TABLE } from "./table.ts";

runRows(TABLE, (results, took) =>
  keepResults(
    results,
    TABLE.map(({ name }) => name),
    took,
  ),
);
