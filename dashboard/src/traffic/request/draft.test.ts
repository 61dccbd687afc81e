import { expect, test } from "vitest";
import { draftOf, editOf, hides, unhide } from "./draft.ts";

const shown = draftOf({
  method: "POST",
  target: "/orders?page=2&token=••••",
  headers: [
    ["Host", "api.shop.localhost"],
    ["Authorization", "Bearer ••••"],
    ["Cookie", "a=••••"],
  ],
  body: '{"user":"ada","password":"••••"}',
});
const real = draftOf({
  method: "POST",
  target: "/orders?page=2&token=t0p",
  headers: [
    ["Host", "api.shop.localhost"],
    ["Authorization", "Bearer s3cret"],
    ["Cookie", "a=b"],
  ],
  body: '{"user":"ada","password":"p4ss"}',
});

test("only what was changed is sent", () => {
  expect(editOf(shown, shown)).toEqual({});
  expect(editOf({ ...shown, method: " PUT " }, shown)).toEqual({ method: "PUT" });
  expect(editOf({ ...shown, headers: "Accept:text/html\n\nX-A:  b: c " }, shown)).toEqual({
    headers: [
      ["Accept", "text/html"],
      ["X-A", "b: c"],
    ],
  });
  expect(editOf({ ...shown, body: "" }, shown)).toEqual({ body: "" });
  expect(editOf({ ...shown, body: null }, shown)).toEqual({});
});

test("what can't be sent is said in words", () => {
  expect(editOf({ ...shown, method: "GET IT" }, shown)).toContain("one word");
  expect(editOf({ ...shown, target: "orders" }, shown)).toContain("begins with /");
  expect(editOf({ ...shown, headers: "no colon" }, shown)).toContain("no colon");
});

test("a multipart body keeps its line ends", () => {
  const before = { ...shown, body: "--a\r\nx\r\n" };
  expect(editOf({ ...before, body: "--a\ny\n" }, before)).toEqual({ body: "--a\r\ny\r\n" });
});

test("credentials that were not seen go back where they were", () => {
  expect(hides(shown)).toBe(true);
  expect(hides(real)).toBe(false);
  const edited = {
    method: "PUT",
    target: "/orders?token=••••&page=3",
    headers: "Cookie: a=••••\nAuthorization: Bearer ••••\nX-New: 1",
    body: '{"user":"grace","password":"••••"}',
  };
  expect(unhide(edited, shown, real)).toEqual({
    method: "PUT",
    target: "/orders?token=t0p&page=3",
    headers: "Cookie: a=b\nAuthorization: Bearer s3cret\nX-New: 1",
    body: '{"user":"grace","password":"p4ss"}',
  });
});

test("one that nobody can place is never made up", () => {
  expect(unhide({ ...shown, headers: "X-Other: ••••" }, shown, real)).toBeNull();
  const commas = { ...real, body: '{"user":"ada","password":"a,b"}' };
  expect(unhide({ ...shown, body: '{"user":"x","password":"••••"}' }, shown, commas)).toBeNull();
});
