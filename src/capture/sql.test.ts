import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fingerprint, splitStatements, traceParentInSql, withoutPasswords } from "./sql.ts";

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
          fingerprint(sql);
        },
      ),
    );
  });

  test("of a long text take no time that grows with its square", () => {
    for (const unit of ["$a$ $b$ ", "' ", "/* ", "E'\\", "((", "- "]) {
      const sql = unit.repeat(64 * 1024);
      expect(fingerprint(sql).length).toBeLessThanOrEqual(sql.length);
      expect(splitStatements(`${sql};x;`).length).toBeLessThan(3);
    }
  });
});

test("a fingerprint is what queries have in common", () => {
  expect(fingerprint("SELECT  *\n FROM \"T\" WHERE a = 'x' AND b=$1 /* c */ AND d = -1.5e3 -- e")).toBe(
    'select * from "T" where a = ? and b=? and d = -?',
  );
  expect(fingerprint("select 1 where a in (1, 2,3) ; ")).toBe(fingerprint("select 2 where a in ( $1 )"));
  expect(fingerprint("select t1.c2 from t1")).toBe("select t1.c2 from t1");
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
