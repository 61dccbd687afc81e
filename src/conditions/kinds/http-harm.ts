/** What happens to a request, its answer or the messages of its WebSocket. What is left out stays as it is. */
export interface Harm {
  /** The status that is answered in the service's stead, which never hears of the request. */
  readonly answer?: number;
  /** Nobody hears of the request, and nothing answers. */
  readonly drop?: true;
  /** The message ends after so many bytes of its body; undefined: in the middle. */
  readonly cut?: { readonly bytes: number | undefined; readonly how: "reset" | "close" };
  /** Its body passes with so many bytes per second. */
  readonly slow?: number;
  /** Share of its body's bytes of which one bit is turned. */
  readonly corrupt?: number;
  /** Share of WebSocket messages that are lost. */
  readonly lose?: number;
}
