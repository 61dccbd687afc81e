import { expect, test } from "vitest";
import { HIDDEN } from "../../stack/run/shown.ts";
import { envViews, hidePasswords } from "./redact.ts";

test("passwords of URLs are hidden wherever they stand in a text", () => {
  expect(hidePasswords("connect postgres://ann:s3cr%40t@127.0.0.1:61000/shop now")).toBe(
    `connect postgres://ann:${HIDDEN}@127.0.0.1:61000/shop now`,
  );
  expect(hidePasswords("redis://:pw@[::1]:6379 and http://a:b@c/")).toBe(
    `redis://:${HIDDEN}@[::1]:6379 and http://a:${HIDDEN}@c/`,
  );
});

test("URLs without a password stay as they are", () => {
  for (const text of ["http://web.shop.localhost:62893/@vite/client", "see http://a:80/x and mail b@c", "a:b@c"]) {
    expect(hidePasswords(text)).toBe(text);
  }
});

test("secrets in an environment are hidden by name or by value, the rest is shown in order", () => {
  const views = envViews({
    PORT: "61000",
    DATABASE_URL: "postgres://u:p@127.0.0.1:1/d",
    API_TOKEN: "t",
    PGPASSWORD: "p",
    EMPTY_TOKEN: "",
    ConnectionStrings__db: "Host=127.0.0.1;Port=1;Password=p",
    DB_JDBC_URL: "jdbc:postgresql://127.0.0.1:1/d?user=u&password=p",
    SPRING_DATASOURCE_URL: "jdbc:postgresql://127.0.0.1:1/d",
  });
  expect(views).toEqual([
    { name: "API_TOKEN", value: HIDDEN, secret: true },
    { name: "ConnectionStrings__db", value: HIDDEN, secret: true },
    { name: "DATABASE_URL", value: HIDDEN, secret: true },
    { name: "DB_JDBC_URL", value: HIDDEN, secret: true },
    { name: "EMPTY_TOKEN", value: "", secret: false },
    { name: "PGPASSWORD", value: HIDDEN, secret: true },
    { name: "PORT", value: "61000", secret: false },
    { name: "SPRING_DATASOURCE_URL", value: "jdbc:postgresql://127.0.0.1:1/d", secret: false },
  ]);
});
