import type { DecoderKind } from "../decoder.ts";
import { http } from "./http.ts";
import { postgres } from "./postgres.ts";
import { redis } from "./redis.ts";

/** Every protocol that is read. The only list. */
export const DECODERS: readonly DecoderKind[] = [http, postgres, redis];
