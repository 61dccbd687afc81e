import { type AnyFunction, bound, type Current } from "../hooks/context.ts";

/** The methods of a class of a library. */
export type Methods = Record<string, AnyFunction | undefined>;

export function methodsOf(library: unknown): Methods {
  return (library as { prototype: Methods }).prototype;
}

/** A callback that is a method's last argument is called for the one that passed it. */
export function bindLast(methods: Methods, name: string): void {
  const method = methods[name];
  if (typeof method !== "function") return;
  methods[name] = function (...args) {
    const last = args.length - 1;
    const callback = args[last];
    if (typeof callback === "function") args[last] = bound(callback as AnyFunction);
    return method.apply(this, args);
  };
}

const contexts = new WeakMap<object, { readonly context: Current }>();

/** Remembers for whom something is sent; the first time counts. */
export function keep(sent: object, context: Current): void {
  if (!contexts.has(sent)) contexts.set(sent, { context });
}

/** Null: it isn't known. */
export function kept(sent: object): Current {
  const found = contexts.get(sent);
  return found === undefined ? null : found.context;
}
