import type { ContentForm } from "./form.ts";

/** HTML and XML, as they stand: white space means something in them. */
export const markup: ContentForm = {
  fits: ({ media: { type } }) => isHtml(type) || isXml(type),
  view: ({ text, media, redactor }) => {
    const said = text();
    if (said === null) return null;
    const shown = redactor.markup(said);
    return { form: isHtml(media.type) ? "html" : "xml", text: shown, raw: shown };
  },
};

function isHtml(type: string): boolean {
  return type === "text/html" || type === "application/xhtml+xml";
}

function isXml(type: string): boolean {
  return /(?:^text\/|^application\/|\+)xml$/.test(type);
}
