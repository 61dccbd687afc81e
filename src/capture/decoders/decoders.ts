import type { DecoderKind } from "../decoder.ts";
import { http } from "./http.ts";
import { http2 } from "./http2.ts";
import { postgres } from "./postgres/postgres.ts";
import { redis } from "./redis/redis.ts";

/** Every protocol that is read. The only list: the first that fits is taken, so those with more specific first bytes come first. */
export const DECODERS: readonly DecoderKind[] = [postgres, redis, http2, http];
