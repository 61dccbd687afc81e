import { unescaped } from "../../redact/text.ts";
import type { ContentForm } from "./form.ts";

/** More fields than this are left in the raw text. */
const MOST = 1_000;

/** application/x-www-form-urlencoded. */
export const form: ContentForm = {
  fits: ({ media: { type } }) => type === "application/x-www-form-urlencoded",
  view: ({ text, redactor }) => {
    const said = text();
    if (said === null) return null;
    const fields: [string, string][] = [];
    const raw = said
      .trim()
      .split("&")
      .map((pair) => {
        const sign = pair.indexOf("=");
        const name = unescaped(sign === -1 ? pair : pair.slice(0, sign));
        const value = sign === -1 ? "" : unescaped(pair.slice(sign + 1));
        const shown = redactor.value(name, value, "address");
        if (pair !== "" && fields.length < MOST) fields.push([name, shown]);
        return shown === value ? pair : `${pair.slice(0, sign)}=${shown.replace(/[\s&=%+]/g, encodeURIComponent)}`;
      });
    return {
      form: "form",
      raw: raw.join("&"),
      text: fields.map(([name, value]) => `${name} = ${value}`).join("\n"),
      fields,
    };
  },
};
