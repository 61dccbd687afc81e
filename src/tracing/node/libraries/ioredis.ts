import { type Current, current } from "../hooks/context.ts";
import type { FollowedModule } from "../hooks/modules.ts";
import { lengthOf, recognizeWrites } from "../hooks/sockets.ts";
import { keep, kept, methodsOf } from "./patching.ts";

/** Commands as they were made for the next write: it is of them if it is all of their bytes. */
let made: { readonly bytes: unknown; readonly context: Current }[] = [];

/** ioredis 4 and 5: pipelines, which it makes by itself, too, have commands of several requests. */
export const ioredis: readonly FollowedModule[] = [
  { library: "ioredis", path: /^ioredis\/built\/[Cc]ommand\.js$/, patch: followCommands },
];

function followCommands(exports: unknown): void {
  const Command = (exports as { default?: unknown }).default ?? exports;
  const methods = methodsOf(Command);
  const { initPromise, toWritable } = methods;
  methods.initPromise = function (...args) {
    keep(this as object, current());
    return initPromise?.apply(this, args);
  };
  methods.toWritable = function (...args) {
    const bytes = toWritable?.apply(this, args);
    if (made.length < MADE_MOST) made.push({ bytes, context: kept(this as object) });
    return bytes;
  };
  recognizeWrites(recognize);
}

/** Commands of one write; those of larger ones stay guesses. */
const MADE_MOST = 10_000;

function recognize(chunk: unknown): { length: number; context: Current }[] | null {
  if (made.length === 0) return null;
  const commands = made;
  made = [];
  if (commands.length >= MADE_MOST || !isWhole(commands, chunk)) return [];
  return commands.map(({ bytes, context }) => ({ length: lengthOf(bytes), context }));
}

/** Lengths alone are compared where a command has bytes that aren't text. */
function isWhole(commands: typeof made, chunk: unknown): boolean {
  if (typeof chunk !== "string") return true;
  const [first] = commands;
  if (commands.length === 1) return first?.bytes === chunk;
  return commands.map(({ bytes }) => String(bytes)).join("") === chunk;
}
