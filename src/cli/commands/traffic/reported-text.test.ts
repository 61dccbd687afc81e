import { expect, test } from "vitest";
import type { KeptLog, KeptSpan } from "../../../telemetry/store.ts";
import { createContext } from "../../terminal/context.ts";
import { reportedText } from "./reported-text.ts";

const context = createContext({ cwd: "/", json: false, color: false });
const span = (spanId: string, parentId: string | null, more: Partial<KeptSpan> = {}) =>
  ({ spanId, parentId, service: "api", name: spanId, ms: 12, failed: false, message: "", ...more }) as KeptSpan;
const log = (at: number, text: string, level: KeptLog["level"]) => ({ at, text, level, service: "api" }) as KeptLog;

test("spans stand under each other, log lines by time", () => {
  const spans = [
    span("place order", "exchange"),
    span("charge card", "place order", { failed: true, message: "declined" }),
    span("send mail", "exchange", { service: "mail", ms: 1_200 }),
    span("call bank", "charge card"),
  ];
  expect(reportedText(context, spans, [log(5, "stock is low", "warn"), log(30, "done", null)])).toEqual([
    "",
    "reported by services",
    "  api   place order    12 ms",
    "  api     charge card  12 ms  failed: declined",
    "  api       call bank  12 ms",
    "  mail  send mail      1.2 s",
    "",
    "log",
    "  +0.0 ms  warn  api  stock is low",
    "  +25 ms   -     api  done",
  ]);
});

test("nothing reported is nothing printed, and a circle of parents ends", () => {
  expect(reportedText(context, [], [])).toEqual([]);
  expect(reportedText(context, [span("a", "b"), span("b", "a")], [])).toEqual([]);
});
