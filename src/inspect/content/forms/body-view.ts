/** How a body is shown. */
type Form =
  | "json"
  | "text"
  | "html"
  | "xml"
  | "css"
  | "javascript"
  | "form"
  | "multipart"
  | "graphql"
  | "grpc-web"
  | "sse"
  | "image"
  | "binary";

/** A body for people: decoded, laid out, credentials hidden. */
export interface BodyView {
  /** Bytes that passed, and that were kept of them. */
  readonly size: number;
  readonly kept: number;
  readonly cut: boolean;
  /** All that was kept is looked at: it didn't grow beyond bounds when its codings were undone. */
  readonly whole: boolean;
  /** Content-Type; empty without one. */
  readonly type: string;
  /** Content-Encoding that was undone: `gzip`, `gzip, br`. */
  readonly coding: string | null;
  readonly form: Form;
  /** Laid out. */
  readonly text: string | null;
  /** As it came, but for codings and what is hidden. Null for what is no text. */
  readonly raw: string | null;
  /** Of images and binary content up to 64 KiB. */
  readonly base64: string | null;
  /** Of images, where the file says so simply. */
  readonly dimensions: { readonly width: number; readonly height: number } | null;
  readonly parts: readonly Part[] | null;
  readonly fields: readonly (readonly [string, string])[] | null;
  readonly frames: readonly Frame[] | null;
  readonly events: readonly SseEvent[] | null;
  readonly graphql: GraphqlView | null;
  /** What could not be read, in words. */
  readonly problem: string | null;
}

/** Of a multipart body. */
export interface Part {
  readonly name: string | null;
  readonly filename: string | null;
  readonly type: string;
  readonly size: number;
  /** Null for what is no text. */
  readonly text: string | null;
}

/** Of a gRPC-web body. */
export interface Frame {
  readonly kind: "message" | "trailers";
  readonly compressed: boolean;
  readonly size: number;
  /** Fields by number, as far as they can be decoded without a schema; or the trailers. */
  readonly text: string;
}

/** Of a text/event-stream. */
export interface SseEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: string;
  /** ms. */
  readonly retry: number | null;
}

export interface GraphqlView {
  readonly operation: string | null;
  readonly kind: "query" | "mutation" | "subscription" | null;
  readonly query: string;
  /** JSON, laid out; null without any. */
  readonly variables: string | null;
}

/** What a form makes of a body's content; the rest is as of all. */
export type FormView = Pick<BodyView, "form"> & Partial<BodyView>;
