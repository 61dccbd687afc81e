import { createHmac } from "node:crypto";
import type { Sender } from "../../telemetry/records.ts";
import type { Model } from "../model/model.ts";

/**
 * The address that a stack's services send their telemetry to holds a key, so that no web page and no other stack can send in
 * their name. It is made from home's token, so it stays the same when home is started anew, and says nothing about it.
 */
function telemetryKey(token: string, stack: string): string {
  return createHmac("sha256", token).update(`telemetry\0${stack}`).digest("base64url").slice(0, 24);
}

/** Where a stack's services send to, each with `/` and its name behind it; OTLP's exporters add `/v1/traces` and the like. */
export function telemetryUrl(doorPort: number, token: string, stack: string): string {
  return `http://127.0.0.1:${doorPort}/otlp/${telemetryKey(token, stack)}`;
}

/** Who has this key; null: no stack that runs, or it has no such service. */
export function senderOf(model: Model, token: string, key: string, service: string): Sender | null {
  for (const { id, name, services } of model.stacks.values()) {
    if (telemetryKey(token, id) === key) return services.has(service) ? { stack: name, service } : null;
  }
  return null;
}
