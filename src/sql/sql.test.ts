import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";
import { splitStatements, traceParentInSql, withoutPasswords } from "./statements.ts";

describe("statements of one text", () => {
  test.each([
    ["select 1", ["select 1"]],
    ["  select 1 ; ", ["select 1"]],
    ["", []],
    [" ; ;", []],
    ["a; b;; c -- d; e\n; /* f; /* g; */ h; */", ["a", "b", "c -- d; e"]],
    [
      "select ';', \"a;b\"; select E'\\';'; select 'it''s;'",
      ["select ';', \"a;b\"", "select E'\\';'", "select 'it''s;'"],
    ],
    ["do $$ begin; end $$; select $tag$ ; $$ ; $tag$; x", ["do $$ begin; end $$", "select $tag$ ; $$ ; $tag$", "x"]],
    ["select 'not closed; x", ["select 'not closed; x"]],
    ["select $1; select a$b$c; y", ["select $1", "select a$b$c", "y"]],
  ])("%j", (sql, expected) => {
    expect(splitStatements(sql)).toEqual(expected);
  });

  test("of any text: nothing throws, nothing but the semicolons is lost", () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      ";",
      "$$",
      "$a$",
      "/*",
      "*/",
      "--",
      "\n",
      "\\",
      "E'",
      "x",
      " ",
      "1.5e3",
      "é",
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
        (sql) => {
          const kept = splitStatements(sql).join("").replace(/[\s;]/g, "");
          expect(sql.replace(/[\s;]/g, "")).toContain(kept.slice(0, 3));
          expect(Number.isSafeInteger(fingerprint(sql, 30))).toBe(true);
        },
      ),
    );
  });

  test("of a long text take no time that grows with its square", () => {
    for (const unit of ["$a$ $b$ ", "' ", "/* ", "E'\\", "((", "- "]) {
      const sql = unit.repeat(64 * 1024);
      fingerprint(sql, sql.length);
      expect(splitStatements(`${sql};x;`).length).toBeLessThan(3);
    }
  });
});

describe("a fingerprint", () => {
  const print = (sql: string) => fingerprint(sql, 1_000);

  test.each([
    [
      "SELECT  *\n FROM \"T\" WHERE a = 'x' AND b=$1 /* c */ ; -- e",
      "select * from \"T\" where a = 1.5e3 and b = 'it''s'",
    ],
    ["select 1 where a in (1, 2,3)", "select 2 where a in ( $1 )"],
    [
      "insert into t values (1, null, E'\\''), ($$a'b$$, null, $x$ $$ $x$)",
      "insert into t values (2,null,3) , (4,null,5);",
    ],
    ["/* a */select f(1)", "select f ( 0xff )"],
  ])("%j is that of %j", (one, other) => {
    expect(print(one)).toBe(print(other));
  });

  test.each([
    ["select a from t1", "select a from t2"],
    ['select a from "T"', 'select a from "t"'],
    ["select 1 from a, b", "select 1 from a b"],
    ["select a + 1", "select a - 1"],
    ["select ab", "select a b"],
    ["select 1 a", "select 1, a"],
    ["select null", "select 1"],
  ])("%j is not that of %j", (one, other) => {
    expect(print(one)).not.toBe(print(other));
  });
});

test("passwords of roles aren't kept", () => {
  expect(withoutPasswords("ALTER USER a WITH PASSWORD 'it''s' VALID UNTIL 'x'")).toBe(
    "ALTER USER a WITH PASSWORD '…' VALID UNTIL 'x'",
  );
  expect(withoutPasswords("create role a password $$x$$")).toBe("create role a PASSWORD '…'");
  expect(withoutPasswords("select password from users")).toBe("select password from users");
});

test("a comment's traceparent is found", () => {
  const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  expect(traceParentInSql(`select 1 /*a='b',traceparent='${parent}'*/`)).toBe(parent);
  expect(traceParentInSql(`select 'traceparent=''${parent}'''`)).toBeNull();
});
