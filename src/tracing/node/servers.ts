import { type IncomingMessage, Server } from "node:http";
import { type AnyFunction, contextOf, current, type RequestContext, runIn } from "./hooks/context.ts";

interface Emitter {
  emit: AnyFunction;
}

const REQUEST = Symbol("cove.request");
const IS_REQUEST: ReadonlySet<unknown> = new Set([
  "request",
  "upgrade",
  "connect",
  "checkContinue",
  "checkExpectation",
]);

/** Runs what a server does for a request in that request's context. */
export function followServers(): void {
  const emit = Server.prototype.emit as AnyFunction;
  (Server.prototype as unknown as Emitter).emit = function (...args) {
    const request = args[1];
    if (!IS_REQUEST.has(args[0]) || typeof request !== "object" || request === null) return emit.apply(this, args);
    let context: RequestContext;
    try {
      context = contextFor(request as IncomingMessage, args[2]);
    } catch {
      // A framework's own object: what is done for it is of no known request.
      return emit.apply(this, args);
    }
    return runIn(context, emit, this, args);
  };
}

/** `other`: its response, or the socket of an upgrade. */
function contextFor(request: IncomingMessage & { [REQUEST]?: RequestContext }, other: unknown): RequestContext {
  const known = request[REQUEST];
  if (known !== undefined) return known;
  const context = contextOf(request.headers?.traceparent);
  request[REQUEST] = context;
  followEvents(request as unknown as Emitter, context);
  if (typeof other === "object" && other !== null) followEvents(other as Emitter, context);
  return context;
}

/** Bodies, drains and ends are told by the connection, which has no request. */
function followEvents(emitter: Emitter, context: RequestContext): void {
  const { emit } = emitter;
  if (typeof emit !== "function") return;
  emitter.emit = function (...args) {
    return current() === context ? emit.apply(this, args) : runIn(context, emit, this, args);
  };
}
