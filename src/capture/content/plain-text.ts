import type { ContentForm } from "./form.ts";
import { hideText } from "./plain.ts";

/** Whatever else is text. */
export const plain: ContentForm = {
  fits: () => true,
  view: ({ text, redactor }) => {
    const said = text();
    if (said === null) return null;
    const shown = hideText(said, redactor);
    return { form: "text", text: shown, raw: shown };
  },
};
