import { parseMediaType } from "../content/bytes/media-type.ts";
import type { HarEntry } from "./shape.ts";

type PostData = NonNullable<HarEntry["request"]["postData"]>;

/** A request's body: its text, or made of the fields that an archive has instead. Null without one. */
export function bodyOfRequest(postData: PostData | null | undefined): Buffer | null {
  if (postData == null) return null;
  const { text, params, mimeType } = postData;
  if (text != null && text !== "") {
    return Buffer.from(text, (postData._encoding ?? postData.encoding) === "base64" ? "base64" : "utf8");
  }
  if (params == null || params.length === 0) return null;
  const { type, parameters } = parseMediaType(mimeType ?? "");
  const boundary = parameters.get("boundary");
  if (type === "multipart/form-data" && boundary !== undefined) return multipart(params, boundary);
  return Buffer.from(
    new URLSearchParams(params.map(({ name, value }): [string, string] => [name, value ?? ""])).toString(),
  );
}

function multipart(params: NonNullable<PostData["params"]>, boundary: string): Buffer {
  const quoted = (text: string) => `"${text.replace(/["\r\n]/g, encodeURIComponent)}"`;
  const parts = params.map(({ name, value, fileName, contentType }) => {
    const file = fileName == null ? "" : `; filename=${quoted(fileName)}`;
    const type = contentType == null ? "" : `Content-Type: ${contentType}\r\n`;
    return `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(name)}${file}\r\n${type}\r\n${value ?? ""}\r\n`;
  });
  return Buffer.from(`${parts.join("")}--${boundary}--\r\n`);
}
