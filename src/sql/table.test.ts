import { expect, test } from "vitest";
import { firstTable } from "./table.ts";

test.each([
  ["select * from orders where id = $1", "orders"],
  ['SELECT "o"."id" FROM "Order" AS o', "Order"],
  ["insert into billing.invoice (id) values (1)", "billing.invoice"],
  ["update only stock set n = n - 1", "stock"],
  ["select 'from nowhere', 1 /* from comment */ from item i join other on true", "item"],
  ["select * from generate_series(1, 3) g, orders", null],
  ["select * from (select * from inner_one) x", "inner_one"],
  ["select extract(year from now()) from visit", "visit"],
  ["delete from cart", "cart"],
  ["select 1", null],
  ["", null],
])("%s names %s", (sql, table) => {
  expect(firstTable(sql)).toBe(table);
});
