import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { redactorOf } from "./redactor.ts";

const H = "••••";
const MAIL = "ann@b.example";
/** Nothing about it says what it is. */
const PW = "hunter2 x";
const ID = "6f1c3a52-9a1e-4f0c-8a57-0d5c1f2b3a4d";
const HASH = "$2b$10$abcdefghijklmnopqrstuv";

const params = (sql: string, values: readonly (string | null)[]) => redactorOf({}).params(sql, values);

describe("parameters: the one that is put into a password's column, and no other", () => {
  test.each<[what: string, sql: string, given: string[], shown: string[]]>([
    ["pg", "insert into users (email, password) values ($1, $2)", [MAIL, PW], [MAIL, H]],
    ["quoted", 'INSERT INTO "Users" ("Email", "Password") VALUES ($1, $2)', ["Ann Lee", PW], ["Ann Lee", H]],
    ["rows", "insert into u (name, password) values ($1,$2), ($3,$4)", ["Ann", PW, "Bo", PW], ["Ann", H, "Bo", H]],
    ["a function", "insert into u (name, password) values ($1, crypt($2, gen_salt('bf')))", ["Ann", PW], ["Ann", H]],
    ["casts", "insert into u (name, pwd) values ($1::text, $2::character varying(80))", ["Ann", PW], ["Ann", H]],
    ["a schema and alias", 'insert into auth."users" as u (name, pin) values ($1, $2)', ["Ann", "1234"], ["Ann", H]],
    ["defaults", 'insert into "users" ("id","name","token") values (default,$1,$2)', ["Ann", PW], ["Ann", H]],
    [
      "upsert",
      "insert into u (id, pw, name) values ($1,$2,$3) on conflict (id) do update set pw = $2, name = $4 returning *",
      [ID, PW, "Ann", "Bo"],
      [ID, H, "Ann", "Bo"],
    ],
    ["update", "UPDATE users SET name = $1, password_hash = $2 WHERE id = $3", ["Ann", HASH, "7"], ["Ann", H, "7"]],
    ["rows in update", "update u set (name, password) = ($1, $2) where id = $3", ["Ann", PW, "7"], ["Ann", H, "7"]],
    ["case", "update u set password = case when id = $1 then $2 else $3 end", ["777", PW, PW], ["777", H, H]],
    ["where", "select * from u where name = $1 and password = $2", ["Ann", PW], ["Ann", H]],
    ["crypt", "select id from u where name=$1 and password = crypt($2, password)", ["Ann", PW], ["Ann", H]],
    ["crypt turned", "select id from u where crypt($2, pw) = pw and lower(name) = lower($1)", ["Ann", PW], ["Ann", H]],
    ["in", "select * from u where name in ($1, $2) or token in ($3)", ["Ann", "Bo", PW], ["Ann", "Bo", H]],
    ["any", "select password from u where name = any($1) limit $2", ["{Ann,Bo}", "5000"], ["{Ann,Bo}", "5000"]],
    ["rows in where", "select 1 from u where (name, password) = ($1, $2)", ["Ann", PW], ["Ann", H]],
    ["rows in", "select 1 from u where (name, pw) in (($1, $2), ($3, $4))", ["A1", PW, "B1", PW], ["A1", H, "B1", H]],
    ["between", "select token from u where at between $1 and $2", ["then it", "now it"], ["then it", "now it"]],
    [
      "a subquery",
      "insert into t (owner, secret) values ((select id from u where name = $1), $2)",
      ["Ann", PW],
      ["Ann", H],
    ],
    [
      "insert select",
      "insert into u (name, password) select $1, $2 where not exists (select 1)",
      ["Ann", PW],
      ["Ann", H],
    ],
    ["unnest", "insert into u (name, pw) select * from unnest($1::text[], $2::text[])", ["{Ann}", "{x}"], ["{Ann}", H]],
    [
      "bulk update",
      "update u set password = v.p from (values ($1::int, $2), ($3, $4)) as v (id, password) where u.id = v.id",
      ["1000", PW, "1001", PW],
      ["1000", H, "1001", H],
    ],
    [
      "SQLAlchemy",
      "INSERT INTO u (name, password) SELECT p0::VARCHAR, p1::VARCHAR FROM (VALUES ($1::VARCHAR, $2::VARCHAR, 0), ($3::VARCHAR, $4::VARCHAR, 1)) AS imp_sen(p0, p1, sen_counter) ORDER BY sen_counter RETURNING u.id",
      ["Ann", PW, "Bo", PW],
      ["Ann", H, "Bo", H],
    ],
    [
      "Prisma",
      'INSERT INTO "public"."User" ("id","email","passwordHash","role") VALUES ($1,$2,$3,CAST($4::text AS "public"."Role")) RETURNING "public"."User"."id"',
      [ID, "Ann", HASH, "ADMIN"],
      [ID, "Ann", H, "ADMIN"],
    ],
    [
      "Sequelize",
      'INSERT INTO "Users" ("id","name","password","createdAt") VALUES (DEFAULT,$1,$2,$3) RETURNING "id","name","password","createdAt";',
      ["Ann", PW, "some time"],
      ["Ann", H, "some time"],
    ],
    [
      "Sequelize",
      'UPDATE "Users" SET "password"=$1,"updatedAt"=$2 WHERE "id" = $3',
      [PW, "now it", "12345"],
      [H, "now it", "12345"],
    ],
    [
      "TypeORM",
      'SELECT "User"."id" AS "User_id", "User"."password" AS "User_password" FROM "user" "User" WHERE (("User"."name" = $1)) LIMIT 1',
      ["Ann"],
      ["Ann"],
    ],
    [
      "Rails",
      'INSERT INTO "users" ("email", "encrypted_password", "created_at") VALUES ($1, $2, $3) RETURNING "id"',
      ["Ann", HASH, "a time"],
      ["Ann", H, "a time"],
    ],
    [
      "Rails",
      'SELECT "users".* FROM "users" WHERE "users"."reset_password_token" = $1 LIMIT $2',
      [PW, "1111"],
      [H, "1111"],
    ],
    [
      "Django",
      'UPDATE "auth_user" SET "password" = $1, "last_name" = $2 WHERE "auth_user"."id" = $3',
      ["pbkdf2_sha256$1", "Lee", "99999"],
      [H, "Lee", "99999"],
    ],
    [
      "Drizzle",
      'select "id", "password" from "users" where ("users"."name" = $1 and "users"."org" = $2)',
      ["Ann", "acme"],
      ["Ann", "acme"],
    ],
    [
      "keys of JSON",
      "update u set data = jsonb_build_object('name', $1::text, 'password', $2::text)",
      ["Ann", PW],
      ["Ann", H],
    ],
    ["a key of JSON", "select * from u where data->>'password' = $1 and data->>'name' = $2", [PW, "Ann"], [H, "Ann"]],
    ["a path of JSON", "select * from u where data #>> '{login,password}' = $1", [PW], [H]],
    ["jsonb_set", "update u set data = jsonb_set(data, '{password}', $1)", [PW], [H]],
    [
      "set_config",
      "select set_config('app.jwt', $1, true), set_config('app.tenant', $2, true)",
      [PW, "acme"],
      [H, "acme"],
    ],
    ["named arguments", "select sign_up(mail => $1, password => $2)", ["Ann", PW], ["Ann", H]],
    ["a function by its name", "select change_password($1, $2)", [MAIL, PW], [MAIL, H]],
    ["pgcrypto", "select pgp_sym_decrypt(data, $1) from t where id = $2", [PW, "12345"], [H, "12345"]],
    ["an alias", "select $1::text as password, $2::text as tea", [PW, "oolong"], [H, "oolong"]],
    ["twice", "update u set name = $1, password = $1", [PW], [H]],
    ["no columns", "insert into users values ($1, $2, $3)", [ID, MAIL, PW], [ID, MAIL, H]],
    ["no columns, another table", "insert into teas values ($1, $2)", ["12345", "oolong"], ["12345", "oolong"]],
    ["a table of secrets", "insert into api_tokens (owner, value) values ($1, $2)", ["Ann", PW], ["Ann", H]],
    ["a table of secrets", "select * from tokens where id = $1", ["Ann"], ["Ann"]],
    ["a prepared statement that wasn't seen", "S_12", ["12", PW], ["12", H]],
    [
      "JSON",
      "insert into t (doc) values ($1)",
      ['{"name":"Ann","password":"x"}'],
      [`{"name":"Ann","password":"${H}"}`],
    ],
    [
      "a cut statement",
      "insert into u (name, password) values ($1, $2), ($3,…",
      ["Ann", PW, "Bo", PW],
      ["Ann", H, "Bo", H],
    ],
    ["nothing about secrets", "select * from orders where customer = $1", ["Ann"], ["Ann"]],
  ])("%s: %s", (_, sql, given, shown) => {
    expect(params(sql, given)).toEqual(shown);
  });
});

describe("literals", () => {
  test.each([
    [
      `insert into users (email, password) values ('${MAIL}','hunter2')`,
      `insert into users (email, password) values ('${MAIL}','${H}')`,
    ],
    [
      "insert into u (name, pin) values ('Ann', 1234), ('Bo', 99)",
      `insert into u (name, pin) values ('Ann', ${H}), ('Bo', ${H})`,
    ],
    [
      "select * from u where name = 'Ann' and password = crypt('x y', password)",
      `select * from u where name = 'Ann' and password = crypt('${H}', password)`,
    ],
    ["select data->>'password' from u where name = 'Ann'", "select data->>'password' from u where name = 'Ann'"],
    [
      "update u set data = jsonb_build_object('password', 'x y', 'n', 'Ann')",
      `update u set data = jsonb_build_object('password', '${H}', 'n', 'Ann')`,
    ],
    [`insert into users values (1, '${MAIL}', 'x y')`, `insert into users values (1, '${MAIL}', '${H}')`],
    ["execute sign_up('ann', 'x y')", `execute sign_up('${H}', '${H}')`],
    ["select 'x' as \"apiKey\", 'y' as label", `select '${H}' as "apiKey", 'y' as label`],
    [
      "update u set note = 'see http://a:pw@h' where password is null",
      `update u set note = 'see http://a:${H}@h' where password is null`,
    ],
    [
      "alter role app with password 'x' valid until '2030-01-01'",
      `alter role app with password '${H}' valid until '2030-01-01'`,
    ],
    [
      "select count(*) from u where role in ('admin', 'guest') -- password 'x'",
      "select count(*) from u where role in ('admin', 'guest') -- password 'x'",
    ],
  ])("%s", (sql, shown) => {
    expect(redactorOf({}).sql(sql)).toBe(shown);
  });
});

describe("results", () => {
  test.each<[string, string[], string[], string[]]>([
    ["select id, password_hash from u", ["id", "password_hash"], ["1", HASH], ["1", H]],
    ["select password_hash as h, name as n from u", ["h", "n"], [HASH, "Ann"], [H, "Ann"]],
    ["select u.password p, name from u", ["p", "name"], [HASH, "Ann"], [H, "Ann"]],
    ["select concat(name, ':', password), name from u", ["concat", "name"], ["Ann:x", "Ann"], [H, "Ann"]],
    ["with s as (select password as p from u) select p as q, 1 as n from s", ["q", "n"], [HASH, "1"], [H, "1"]],
    ["insert into u (name) values ($1) returning *", ["id", "name", "password"], ["1", "Ann", HASH], ["1", "Ann", H]],
    ["insert into u (name) values ($1) returning id, token t", ["id", "t"], ["1", HASH], ["1", H]],
    ["select count(password), password is not null as has from u", ["count", "has"], ["12345", "t"], ["12345", "t"]],
    ["select row_to_json(u) from u", ["row_to_json"], ['{"password":"x"}'], [`{"password":"${H}"}`]],
  ])("%s", (sql, columns, row, shown) => {
    expect(redactorOf({}).rows(sql, columns, [row])).toEqual([shown]);
  });
});

test("a stack's own names count in statements, too", () => {
  const { params, sql } = redactorOf({ redact: ["ssn"] });
  expect(params("insert into people (name, ssn) values ($1, $2)", ["Ann", "123 45"])).toEqual(["Ann", H]);
  expect(sql("select * from people where ssn = '123 45' and name = 'Ann'")).toBe(
    `select * from people where ssn = '${H}' and name = 'Ann'`,
  );
});

test("of any text: nothing throws, and what isn't a value stays", () => {
  const piece = fc.constantFrom(
    ..."( ) , = ' \" $1 $$ :: . * -> -- /* */ ; [ ]".split(" "),
    ..."insert into values select from update set password case when end as and users email 12 'x'".split(" "),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const sql = pieces.join(" ");
      const redactor = redactorOf({});
      redactor.params(sql, ["a", "b"]);
      redactor.rows(sql, ["a"], [["b"]]);
      // Spaces aside, all that isn't hidden stands as it was.
      for (const part of redactor.sql(sql).split(/'?••••'?/)) expect(sql).toContain(part);
    }),
    { numRuns: 2_000 },
  );
});
