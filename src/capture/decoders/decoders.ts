import type { DecoderKind } from "../decoder.ts";
import { http } from "./http.ts";

/** Every protocol that is read. The only list. */
export const DECODERS: readonly DecoderKind[] = [http];
