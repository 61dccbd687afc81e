import { type Current, current } from "../hooks/context.ts";
import type { FollowedModule } from "../hooks/modules.ts";
import { lengthOf, recognizeWrites } from "../hooks/sockets.ts";
import { methodsOf } from "./patching.ts";

/** Commands that wait, by their arguments; where several have the same ones, in their order. */
const waiting = new WeakMap<object, Current[]>();

/** The command that was encoded last: it is written piece by piece next. */
let encoded: { readonly pieces: readonly unknown[]; readonly context: Current } | null = null;

/** redis 4 to 6, that is `@redis/client`. */
export const redis: readonly FollowedModule[] = [
  {
    library: "redis",
    path: /^@redis\/client\/dist\/lib\/client\/commands-queue\.js$/,
    patch: (exports) => {
      const methods = methodsOf((exports as { default: unknown }).default);
      const { addCommand } = methods;
      methods.addCommand = function (...args) {
        note(args[0]);
        return addCommand?.apply(this, args);
      };
      recognizeWrites(recognize);
    },
  },
  {
    library: "redis",
    path: /^@redis\/client\/dist\/lib\/(client\/)?RESP2?\/encoder\.js$/,
    patch: (exports) => {
      const module = exports as { default: (args: unknown) => unknown };
      const { default: encode } = module;
      module.default = (args) => {
        const pieces = encode(args);
        encoded = Array.isArray(pieces) ? { pieces, context: take(args) } : null;
        return pieces;
      };
    },
  },
];

function note(args: unknown): void {
  if (typeof args !== "object" || args === null) return;
  const known = waiting.get(args);
  if (known === undefined) waiting.set(args, [current()]);
  else known.push(current());
}

/** Null, unknown, where the same arguments wait for different requests: one may have been taken out. */
function take(args: unknown): Current {
  const contexts = waiting.get(args as object) ?? [];
  if (contexts.length === 0) return null;
  const context = contexts.shift();
  return contexts.every((other) => other === context) ? context : null;
}

function recognize(chunk: unknown): { length: number; context: Current }[] | null {
  if (encoded === null || !encoded.pieces.includes(chunk)) return null;
  return [{ length: lengthOf(chunk), context: encoded.context }];
}
