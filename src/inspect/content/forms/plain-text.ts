import type { ContentForm } from "./form.ts";

/** Whatever else is text. */
export const plain: ContentForm = {
  fits: () => true,
  view: ({ text, redactor }) => {
    const said = text();
    if (said === null) return null;
    const shown = redactor.any(said);
    return { form: "text", text: shown, raw: shown };
  },
};
