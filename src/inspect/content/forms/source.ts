import type { ContentForm } from "./form.ts";

const JAVASCRIPT = /^(?:text|application)\/(?:x-)?(?:java|ecma|type)script$/;

/** CSS and JavaScript. What is assigned without quotes in them is a name, no value. */
export const code: ContentForm = {
  fits: ({ media: { type } }) => type === "text/css" || JAVASCRIPT.test(type),
  view: ({ text, media, redactor }) => {
    const said = text();
    if (said === null) return null;
    const shown = redactor.text(said, false);
    return { form: media.type === "text/css" ? "css" : "javascript", text: shown, raw: shown };
  },
};
