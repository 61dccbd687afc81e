import { expect, test } from "vitest";
import { REVEALED, redactorOf } from "./redactor.ts";

const H = "••••";

test("heads: values of credentials are hidden, everything else stays", () => {
  const redactor = redactorOf({});
  const head = [
    "GET /cb?code=abc&state=xyz&redirect=https%3A%2F%2Fa%2F%3Ftoken%3Dsecret&page=2 HTTP/1.1",
    "Host: api.shop.localhost",
    "Authorization: Bearer abc.def",
    "authorization: Digest username=ann",
    "Proxy-Authorization: nothing",
    "Cookie: sid=12; theme=dark; flag=; bare",
    "X-API-Key:  k",
    "Referer: http://ann:pw@a/x?access_token=t#top",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "X-Note: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "",
    "",
  ].join("\r\n");
  expect(redactor.head(head).split("\r\n")).toEqual([
    `GET /cb?code=${H}&state=xyz&redirect=https://a/?token=${H}&page=2 HTTP/1.1`,
    "Host: api.shop.localhost",
    `Authorization: Bearer ${H}`,
    `authorization: Digest ${H}`,
    `Proxy-Authorization: ${H}`,
    `Cookie: sid=${H}; theme=${H}; flag=; ${H}`,
    `X-API-Key:  ${H}`,
    `Referer: http://ann:${H}@a/x?access_token=${H}#top`,
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `X-Note: ${H}`,
    "",
    "",
  ]);
  expect(redactor.hidden()).toBe(12);
  expect(REVEALED.head(head)).toBe(head);
  expect(redactor.header("Set-Cookie", "sid=12; Path=/; HttpOnly")).toBe(`sid=${H}; Path=/; HttpOnly`);
  expect(redactor.header("Set-Cookie", "sid=; Max-Age=0")).toBe("sid=; Max-Age=0");
});

test("JSON: layout stays, all under a secret name is hidden, counts are shown", () => {
  const { json } = redactorOf({ redact: ["ssn"] });
  expect(json('{ "user": "ann",\n  "password" : "x\\"y", "pin":1234, "ok":true, "token":null, "cvv":"" }')).toBe(
    `{ "user": "ann",\n  "password" : "${H}", "pin":"${H}", "ok":true, "token":null, "cvv":"" }`,
  );
  expect(json('{"credentials":{"a":["x",1,{"b":"y"}]},"c":"z"}')).toBe(
    `{"credentials":{"a":["${H}","${H}",{"b":"${H}"}]},"c":"z"}`,
  );
  expect(json('{"usage":{"prompt_tokens":12},"tokens":["a"],"pass":3,"SSN":"1"}')).toBe(
    `{"usage":{"prompt_tokens":12},"tokens":["${H}"],"pass":3,"SSN":"${H}"}`,
  );
  expect(json('{"p\\u0061ssword":"x"}')).toBe(`{"p\\u0061ssword":"${H}"}`);
  expect(json('{"note":"{\\"password\\":\\"x\\"}","url":"/a?token=b","code":"E1"}')).toBe(
    `{"note":"{\\"password\\":\\"${H}\\"}","url":"/a?token=${H}","code":"E1"}`,
  );
  expect(json('{"a":1,"password":"cut off in the mid')).toBe(`{"a":1,"password":"${H}"`);
});

test("GraphQL: variables go by the arguments that they are given to", () => {
  const query = "mutation($e:String!,$p:String!){login(email:$e,password:$p){id}}";
  expect(redactorOf({}).json(JSON.stringify({ query, variables: { e: "a@b.c", p: "hunter2" } }))).toBe(
    JSON.stringify({ query, variables: { e: "a@b.c", p: H } }),
  );
});

test.each([
  ["password=hunter2 user=ann", `password=${H} user=ann`],
  ["api_key: 'abc'\nname: x", `api_key: '${H}'\nname: x`],
  ["see postgres://u:pw@h/db", `see postgres://u:${H}@h/db`],
  ["use sk_live_abcdefgh12345678 now", `use ${H} now`],
  ["Authorization: Basic YW5uOnB3MTIz", `Authorization: Basic ${H}`],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", `-----BEGIN RSA PRIVATE KEY-----${H}`],
  ["a basic knowledge of bearer bonds", "a basic knowledge of bearer bonds"],
  ["code=5 failed", "code=5 failed"],
  ["key=1 code: 5", "key=1 code: 5"],
])("text: %s", (text, shown) => {
  expect(redactorOf({}).text(text, true)).toBe(shown);
});

test("program text: only what stands in quotes is a value", () => {
  const { text } = redactorOf({});
  expect(text('const token = readToken(); const o = { apiKey: "abc", password };', false)).toBe(
    `const token = readToken(); const o = { apiKey: "${H}", password };`,
  );
});

test("markup: elements, attributes, fields of forms", () => {
  const { markup } = redactorOf({});
  expect(markup('<a><Password>x</Password><wsse:secret t="1">y</wsse:secret><name>z</name></a>')).toBe(
    `<a><Password>${H}</Password><wsse:secret t="1">${H}</wsse:secret><name>z</name></a>`,
  );
  expect(markup('<input type="password" value="x"><input name=csrf_token value=y><input name="q" value="z">')).toBe(
    `<input type="password" value="${H}"><input name=csrf_token value="${H}"><input name="q" value="z">`,
  );
  expect(markup('<meta name="csrf-token" content="abc"><add key="apiKey" value="v"/><u pwd="w">')).toBe(
    `<meta name="csrf-token" content="${H}"><add key="apiKey" value="${H}"/><u pwd="${H}">`,
  );
});

test("SQL: strings and parameters of statements that speak of secrets", () => {
  const { sql, params, rows } = redactorOf({});
  expect(sql("UPDATE users SET password_hash = 'a''b', name = E'x\\'y' WHERE id = 3")).toBe(
    `UPDATE users SET password_hash = '${H}', name = E'x\\'y' WHERE id = 3`,
  );
  expect(sql("ALTER ROLE app PASSWORD $x$se'cret$x$")).toBe(`ALTER ROLE app PASSWORD '${H}'`);
  expect(sql("SELECT 'password' AS label")).toBe("SELECT 'password' AS label");
  expect(params("INSERT INTO users (name, password) VALUES ($1, $2)", ["ann", "hunter2", null])).toEqual([
    "ann",
    H,
    null,
  ]);
  expect(params("SELECT * FROM orders WHERE id = $1", ["12"])).toEqual(["12"]);
  expect(rows("select * from t", ["id", "api_key", "note"], [["1", "abc", "token=x"]])).toEqual([
    ["1", H, `token=${H}`],
  ]);
});

test("redis: AUTH and its kin, and keys that say what they hold", () => {
  const { redis, reply } = redactorOf({});
  expect(redis("AUTH", ["hunter2"])).toEqual([H]);
  expect(redis("AUTH", ["ann", "hunter2"])).toEqual(["ann", H]);
  expect(redis("HELLO", ["3", "AUTH", "ann", "hunter2", "SETNAME", "x"])).toEqual([
    "3",
    "AUTH",
    "ann",
    H,
    "SETNAME",
    "x",
  ]);
  expect(redis("MIGRATE", ["h", "1", "k", "0", "9", "AUTH2", "ann", "pw", "KEYS", "a"])).toEqual([
    ...["h", "1", "k", "0", "9", "AUTH2", "ann", H, "KEYS", "a"],
  ]);
  expect(redis("MIGRATE", ["h", "1", "k", "0", "9", "AUTH", "pw"])).toEqual(["h", "1", "k", "0", "9", "AUTH", H]);
  expect(redis("CONFIG", ["SET", "requirepass", "pw"])).toEqual(["SET", "requirepass", H]);
  expect(redis("ACL", ["SETUSER", "ann", "on", ">pw", "~*"])).toEqual(["SETUSER", "ann", "on", `>${H}`, "~*"]);
  expect(redis("HSET", ["user:1", "name", "ann", "password", "pw"])).toEqual(["user:1", "name", "ann", "password", H]);
  expect(redis("SET", ["reset-token:ann", "abc", "EX", "10"])).toEqual([`reset-token:${H}`, H, "EX", "10"]);
  // A value that reads like a name hides nothing behind it.
  expect(redis("HSET", ["user:1", "password", "pw", "email", "a@b.c", "label", "token", "n", "1"])).toEqual([
    ...["user:1", "password", H, "email", "a@b.c", "label", "token", "n", "1"],
  ]);
  expect(redis("SETEX", ["otp:ann", "600", "123456"])).toEqual([`otp:${H}`, "600", H]);
  expect(redis("EXPIRE", ["auth-token", "60"])).toEqual(["auth-token", "60"]);
  expect(redis("SADD", ["refresh_tokens", "abc", "def"])).toEqual(["refresh_tokens", H, H]);
  expect(redis("MSET", ["a", "1", "api_key", "x"])).toEqual(["a", "1", "api_key", H]);
  expect(redis("CONFIG", ["SET", "maxmemory", "1gb", "requirepass", "pw"])).toEqual([
    ...["SET", "maxmemory", "1gb", "requirepass", H],
  ]);
  expect(redis("XADD", ["events", "MAXLEN", "~", "5", "*", "type", "login", "password", "pw"])).toEqual([
    ...["events", "MAXLEN", "~", "5", "*", "type", "login", "password", H],
  ]);
  expect(redis("EVAL", ["return 1", "1", "session-token", "pw"])).toEqual(["return 1", "1", "session-token", H]);
  expect(redis("SET", ["page", '{"password":"x","n":1}'])).toEqual(["page", `{"password":"${H}","n":1}`]);
  expect(reply("GET", ["reset-token:ann"], '"abc"')).toBe(H);
  expect(reply("GET", ["page"], '"abc"')).toBe('"abc"');
});
