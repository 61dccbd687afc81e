import { describe, expect, test } from "vitest";
import { splitStatements } from "./sql-statements.ts";

const texts = (sql: string) => splitStatements(sql).map(({ text }) => text);

describe("an SQL file", () => {
  test.each([
    ["at semicolons", "select 1;\nselect 2", ["select 1;", "select 2"]],
    [
      "not in strings",
      "select 'a;b', 'it''s;', e'\\';' ; select 2;",
      ["select 'a;b', 'it''s;', e'\\';' ;", "select 2;"],
    ],
    ["not in names", 'select ";" from "a"";b"; select 2;', ['select ";" from "a"";b";', "select 2;"]],
    ["not in comments", "-- a;\n/* b; /* c; */ d; */ select 1 -- e;\n;", ["select 1 -- e;\n;"]],
    ["not in dollar quotes", "do $$ begin; end $$; do $a$ $$;$$ $a$;", ["do $$ begin; end $$;", "do $a$ $$;$$ $a$;"]],
    [
      "not in parentheses",
      "create rule r as on insert to t do (a; b); x;",
      ["create rule r as on insert to t do (a; b);", "x;"],
    ],
    [
      "not in SQL-standard bodies",
      "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3;",
      [
        "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end;",
        "select 3;",
      ],
    ],
    ["a transaction's begin is a statement", "begin; select 1; end;", ["begin;", "select 1;", "end;"]],
    [
      "parameters aren't dollar quotes",
      "prepare p as select $1; select $2;",
      ["prepare p as select $1;", "select $2;"],
    ],
    ["empty ones don't count", ";;  ; \n-- nothing\n", []],
    ["what is never closed goes to the end", "select 'a; select 2;", ["select 'a; select 2;"]],
    ["a byte order mark is none of it", "\uFEFFselect 1;", ["select 1;"]],
  ])("is cut %s", (_, sql, expected) => {
    expect(texts(sql)).toEqual(expected);
  });

  test("each statement knows its line", () => {
    const lines = splitStatements("-- head\n\nselect 1;  select\n2;\r\n/* a\nb */\ncreate table t ();\n");
    expect(lines.map(({ line }) => line)).toEqual([3, 3, 7]);
  });

  test("COPY takes the lines that follow it", () => {
    const sql =
      "copy t (a) from stdin;\n1;\n'2\n\\.\n\nselect 1;\nCOPY public.u (b) FROM stdin WITH (format csv);\nx,y\n";
    expect(splitStatements(sql)).toEqual([
      { text: "copy t (a) from stdin;", line: 1, data: "1;\n'2\n" },
      { text: "select 1;", line: 6 },
      { text: "COPY public.u (b) FROM stdin WITH (format csv);", line: 7, data: "x,y\n" },
    ]);
  });

  test("psql's own commands are told from SQL", () => {
    expect(splitStatements("\\connect shop\nselect 1;")).toEqual([
      { text: "\\connect shop", line: 1, meta: true },
      { text: "select 1;", line: 2 },
    ]);
  });

  test("ten megabytes are cut in a moment", () => {
    const row = `insert into t values (1, '${"x".repeat(200)}', $$y$$);\n`;
    const many = row.repeat(20_000);
    const long = `select '${"''".repeat(2_000_000)}';`;
    expect(splitStatements(many + long)).toHaveLength(20_001);
  });
});
