import type { ExchangeSummary as Summary } from "../../../../src/capture/summary.ts";

export type ExchangeSummary = Summary & { readonly seq: number; readonly parent: number | null };

export interface BodyView {
  readonly size: number;
  readonly kept: number;
  readonly cut: boolean;
  readonly type: string;
  readonly coding: string | null;
  readonly form:
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
  readonly text: string | null;
  readonly raw: string | null;
  readonly base64: string | null;
  readonly parts:
    | null
    | readonly { readonly name: string | null; readonly filename: string | null; readonly type: string; readonly size: number; readonly text: string | null }[];
  readonly fields: null | readonly (readonly [string, string])[];
  readonly dimensions: { readonly width: number; readonly height: number } | null;
  readonly frames: null | readonly { readonly kind: "message" | "trailers"; readonly compressed: boolean; readonly size: number; readonly text: string }[];
  readonly events: null | readonly { readonly event: string; readonly id: string | null; readonly data: string; readonly retry: number | null }[];
  readonly graphql: null | { readonly operation: string | null; readonly kind: "query" | "mutation" | "subscription" | null; readonly query: string; readonly variables: string | null };
  readonly problem: string | null;
}

export interface MessageView {
  readonly way: "up" | "down";
  readonly at: number;
  readonly kind: "text" | "binary" | "ping" | "pong" | "close";
  readonly size: number;
  readonly text: string | null;
  readonly base64: string | null;
  readonly cut: boolean;
}

export interface HttpDetail {
  readonly method: string;
  readonly url: string;
  readonly target: string;
  readonly host: string;
  readonly version: string;
  readonly status: number | null;
  readonly statusText: string;
  readonly requestHead: string;
  readonly responseHead: string | null;
  readonly requestHeaders: readonly (readonly [string, string])[];
  readonly responseHeaders: readonly (readonly [string, string])[] | null;
  readonly request: BodyView | null;
  readonly response: BodyView | null;
  readonly messages: null | { readonly total: number; readonly kept: readonly MessageView[] };
}

export interface PostgresDetail {
  readonly sql: string;
  readonly statement: string | null;
  readonly params: readonly (string | null)[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly rowCount: number;
  readonly tag: string | null;
  readonly transaction: number | null;
  readonly database: string | null;
  readonly user: string | null;
}

export interface ExchangeDetail {
  readonly summary: ExchangeSummary;
  readonly timing: {
    readonly queued: number | null;
    readonly connected: number | null;
    readonly firstByte: number | null;
    readonly ended: number | null;
  };
  readonly http: HttpDetail | null;
  readonly postgres: PostgresDetail | null;
  readonly redis: null | { readonly command: string; readonly args: readonly string[]; readonly reply: string | null };
  readonly redacted: number;
}
