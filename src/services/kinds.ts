import { command } from "./command/command.ts";
import { external } from "./external.ts";
import { files } from "./files/files.ts";
import type { AnyKind } from "./kind/kind.ts";
import { mock } from "./mock/mock.ts";
import { postgres } from "./postgres/postgres.ts";

/** Every kind of service. A new one is a file of its own, a line here, and its options in `schemas.ts`. */
export const KINDS: readonly AnyKind[] = [command, postgres, files, mock, external];

export function kindOf(name: string): AnyKind | undefined {
  return KINDS.find((kind) => kind.name === name);
}
