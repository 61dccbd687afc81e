import { describe, expect, test } from "vitest";
import { createRecorder } from "../../capture/recorder.ts";
import { type Said, say } from "../../inspect/recording/exchanges.fixture.ts";
import { type Answer, type AnswerOptions, answersOf, type Miss } from "./answer.ts";
import type { Asked } from "./request-key.ts";

const JSON_TYPE = "Content-Type: application/json\r\n";
const FORM_TYPE = "Content-Type: application/x-www-form-urlencoded\r\n";

/** Records what is said, and returns what asks it. */
function recorded(said: readonly Said[], options?: AnswerOptions): (asked: Said) => string {
  const recorder = createRecorder();
  const answers = answersOf(
    said.map((one) => say(recorder, one)),
    options,
  );
  return (asked) => {
    const found = answers.ask(say(createRecorder(), asked) satisfies Asked);
    return "why" in found ? `miss: ${textOf(found)}` : textOf(found);
  };
}

function textOf(found: Answer | Miss): string {
  if ("why" in found) return found.why;
  return `${found.exchange.responseBody?.kept.join("") ?? found.exchange.status} (${found.nth} of ${found.of})`;
}

describe("a request is answered as recorded", () => {
  test("whatever its query's order", () => {
    const ask = recorded([{ target: "/orders?a=1&b=%C3%A9&a=2", response: "one" }]);
    expect(ask({ target: "/orders?b=%c3%a9&a=1&a=2" })).toBe("one (1 of 1)");
    expect(ask({ target: "/orders?b=%C3%A9&a=2&a=1" })).toBe("miss: the query: a is 2,1 here, 1,2 there");
  });

  test("in turn, then with the last one again", () => {
    const ask = recorded([
      { target: "/state", response: "new" },
      { target: "/other", response: "x" },
      { target: "/state", response: "paid" },
    ]);
    const told = [1, 2, 3].map(() => ask({ target: "/state" }));
    expect(told).toEqual(["new (1 of 2)", "paid (2 of 2)", "paid (2 of 2)"]);
    expect(ask({ target: "/other" })).toBe("x (1 of 1)");
  });

  test("by its body, where that means something: JSON in any order of members, fields, bytes, an upload", () => {
    const upload = (boundary: string, text: string): Said => ({
      method: "POST",
      target: "/files",
      headers: `Content-Type: multipart/form-data; boundary=${boundary}\r\n`,
      body: `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n${text}\r\n--${boundary}--\r\n`,
      response: text,
    });
    const post = (body: string, headers: string, response = ""): Said => ({
      ...{ method: "POST", target: "/orders", headers, body, response },
    });
    const ask = recorded([
      post('{"sku":"a","qty":[1,2]}', JSON_TYPE, "first"),
      post('{"sku":"b"}', JSON_TYPE, "second"),
      post("a=1&b=2", FORM_TYPE, "form"),
      post("raw", "", "raw"),
      upload("x1", "hello"),
    ]);
    expect(ask(post('{"sku": "b"}', JSON_TYPE))).toBe("second (1 of 1)");
    expect(ask(post('{"qty": [1, 2], "sku": "a"}', JSON_TYPE))).toBe("first (1 of 1)");
    expect(ask(post("b=2&a=1", FORM_TYPE))).toBe("form (1 of 1)");
    expect(ask(post("raw", ""))).toBe("raw (1 of 1)");
    expect(ask(upload("another", "hello"))).toBe("hello (1 of 1)");
    expect(ask(post('{"sku":"a","qty":[1,3]}', JSON_TYPE))).toBe("miss: the body: $.qty[1] is 3 here, 2 there");
    expect(ask(post("a=1", FORM_TYPE))).toMatch(/^miss: the body: /);
    expect(ask(upload("another", "other"))).toMatch(/^miss: the body: it differs from byte \d+ on/);
  });

  test("by what was kept of a body that was cut", () => {
    const sent = "x".repeat(50);
    const ask = recorded([{ method: "PUT", target: "/big", body: sent, most: 10, response: "taken" }]);
    expect(ask({ method: "PUT", target: "/big", body: sent })).toBe("taken (1 of 1)");
    expect(ask({ method: "PUT", target: "/big", body: `y${sent.slice(1)}` })).toMatch(/^miss/);
    expect(ask({ method: "PUT", target: "/big", body: `${sent}x` })).toMatch(/^miss/);
  });

  test("whatever its body, if that was asked for", () => {
    const ask = recorded([{ method: "POST", target: "/log", body: "a", response: "ok" }], { anyBody: true });
    expect(ask({ method: "POST", target: "/log", body: "b" })).toBe("ok (1 of 1)");
  });

  test("without what is a secret in either of them", () => {
    const hide = (asked: Asked) => ({ ...asked, target: asked.target.replace(/token=[^&]*/, "token=hidden") });
    const ask = recorded([{ target: "/a?token=hidden&x=1" }, { target: "/b?token=kept" }], { hide });
    expect(ask({ target: "/a?token=abc&x=1" })).toBe("hello (1 of 1)");
    expect(ask({ target: "/b?token=other" })).toBe("hello (1 of 1)");
    expect(ask({ target: "/a?token=abc&x=2" })).toBe("miss: the query: x is 2 here, 1 there");
  });

  test("HEAD as GET, without taking its turn", () => {
    const ask = recorded([
      { target: "/a", response: "one" },
      { target: "/a", response: "two" },
    ]);
    expect(ask({ method: "HEAD", target: "/a" })).toBe("one (1 of 2)");
    expect(ask({ target: "/a" })).toBe("one (1 of 2)");
  });

  test("304 only where the client has something, 206 only where it asked for that part", () => {
    const ask = recorded([
      { target: "/a", headers: 'If-None-Match: "1"\r\n', status: 304, response: "" },
      { target: "/a", response: "whole" },
      { target: "/v", headers: "Range: bytes=0-1\r\n", status: 206, response: "wh" },
    ]);
    expect(ask({ target: "/a" })).toBe("whole (1 of 1)");
    expect(ask({ target: "/a", headers: 'If-None-Match: "1"\r\n' })).toBe("304 (1 of 2)");
    expect(ask({ target: "/v", headers: "Range: bytes=0-1\r\n" })).toBe("wh (1 of 1)");
    expect(ask({ target: "/v" })).toBe("miss: it was only ever answered for a cache or for a part of it");
  });
});

describe("what it can't answer", () => {
  test("says what came nearest and what is different", () => {
    const recorder = createRecorder();
    const said: Said[] = [
      { target: "/orders?page=1" },
      { target: "/orders/7/items" },
      { method: "POST", target: "/orders", body: "x", status: 201 },
      { target: "/health" },
    ];
    const answers = answersOf(said.map((one) => say(recorder, one)));
    const nearest = (asked: Said) => {
      const found = answers.ask(say(createRecorder(), asked));
      return "why" in found ? found.nearest : [];
    };
    expect(nearest({ target: "/orders?page=2" })).toEqual([
      { method: "GET", target: "/orders?page=1", status: 200, why: "the query: page is 2 here, 1 there" },
      { method: "POST", target: "/orders", status: 201, why: "the method is GET here, POST there" },
      expect.objectContaining({ target: "/orders/7/items" }),
    ]);
    expect(nearest({ target: "/orders/8/items" })[0]).toMatchObject({
      target: "/orders/7/items",
      why: "the path is /orders/8/items here, /orders/7/items there",
    });
    expect(nearest({ target: "/elsewhere/entirely/else" })).toEqual([]);
  });

  test("is what was never answered, what was cut, and WebSockets", () => {
    const recorder = createRecorder();
    const failed = say(recorder, { target: "/failed" });
    failed.error = { code: "ECONNRESET", message: "gone" };
    const answers = answersOf([
      failed,
      say(recorder, { target: "/big", response: "x".repeat(50), most: 10 }),
      say(recorder, { target: "/live", status: 101, response: "" }),
    ]);
    const why = (target: string) => {
      const found = answers.ask(say(createRecorder(), { target }));
      return "why" in found ? found.why : "answered";
    };
    expect(why("/failed")).not.toBe("answered");
    expect(why("/big")).toContain("only 10 of the 50 bytes");
    expect(why("/live")).toContain("WebSocket");
  });

  test("JSON that is nested without end is compared as bytes", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    const ask = recorded([{ method: "POST", target: "/", headers: JSON_TYPE, body: deep, response: "ok" }]);
    expect(ask({ method: "POST", target: "/", headers: JSON_TYPE, body: deep })).toBe("ok (1 of 1)");
    expect(ask({ method: "POST", target: "/", headers: JSON_TYPE, body: `${deep} ` })).toMatch(/^miss: the body/);
  });
});
