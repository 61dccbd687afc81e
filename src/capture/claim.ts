/** The request that a service sends something for, as that request's `traceparent` named it. */
export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
}

/** Whose something is that a service sent, by the service's own report. That comes a little later, or never. */
export interface Claim {
  /** Null: it was sent for no request. Undefined: not known (yet). */
  readonly context: TraceContext | null | undefined;
  /** More will not be known. */
  readonly settled: boolean;
  /** `told` is called once it settles; at most one can be set. */
  readonly onSettled: (told: () => void) => void;
}

/** What a service reports of one of its connections. */
export interface Claims {
  /** Of what it sends from this offset on, seen at `clock` (ms, as in exchanges). Null: nothing will be reported. */
  readonly at: (offset: number, clock: number) => Claim | null;
  /** The connection is over. */
  readonly closed: () => void;
}

/** A claim, and the function that settles it: without effect when called again. */
export function openClaim(): Claim & { readonly settle: (context: TraceContext | null | undefined) => void } {
  let context: TraceContext | null | undefined;
  let settled = false;
  let tell: (() => void) | null = null;
  return {
    get context() {
      return context;
    },
    get settled() {
      return settled;
    },
    onSettled: (told) => {
      tell = told;
    },
    settle: (known) => {
      if (settled) return;
      context = known;
      settled = true;
      tell?.();
    },
  };
}
