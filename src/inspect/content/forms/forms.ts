import { binary } from "./binary.ts";
import type { ContentForm } from "./form.ts";
import { form } from "./form-fields.ts";
import { graphql } from "./graphql.ts";
import { grpcWeb } from "./grpc-web.ts";
import { image } from "./image.ts";
import { json } from "./json.ts";
import { markup } from "./markup.ts";
import { multipart } from "./multipart.ts";
import { plain } from "./plain-text.ts";
import { code } from "./source.ts";
import { sse } from "./sse.ts";

/** Every form in which a body is shown; the first that fits and can read it. The only list. */
export const FORMS: readonly ContentForm[] = [
  graphql,
  json,
  form,
  multipart,
  grpcWeb,
  sse,
  image,
  markup,
  code,
  plain,
  binary,
];
