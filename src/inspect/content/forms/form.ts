import type { Redactor } from "../../redact/redactor.ts";
import type { MediaType } from "../bytes/media-type.ts";
import type { FormView } from "./body-view.ts";

/** A body's content, codings undone. */
export interface Content {
  readonly bytes: Buffer;
  /** The bytes as text; null where they are none. */
  readonly text: () => string | null;
  /** As stated, or as the first bytes look. */
  readonly media: MediaType;
  /** Nothing is missing at its end. */
  readonly whole: boolean;
  readonly redactor: Redactor;
}

/** One way to show a body: one file each, listed in forms.ts. */
export interface ContentForm {
  readonly fits: (content: Content) => boolean;
  /** Null: it isn't that after all. */
  readonly view: (content: Content) => FormView | null;
}
