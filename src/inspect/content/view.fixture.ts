import { keep, newBody } from "../../capture/body.ts";
import { redactorOf } from "../redact/redactor.ts";
import type { BodyView } from "./forms/body-view.ts";
import { bodyViewOf } from "./view.ts";

/** A body as it is shown. `fields`: of its message, `name: value` each; `most`: bytes that were kept. */
export async function viewFixture(
  content: string | Buffer,
  fields: readonly string[] = [],
  most = Number.MAX_SAFE_INTEGER,
): Promise<BodyView> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const body = newBody();
  keep(body, bytes, 0, bytes.length, most);
  const head = `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join("")}\r\n`;
  return await bodyViewOf(body, head, redactorOf({}));
}
