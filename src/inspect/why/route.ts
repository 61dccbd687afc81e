/** A number, a UUID, a hash, a ULID, a slug that ends in a long number: what differs from request to request. */
const VALUE = /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27}|(?=.*\d)[0-9a-f]{8,}|(?=.*\d)[0-9a-z_-]{20,})$/i;

/** A request's target without what differs from one request to the next: `/orders/12?page=2` is `/orders/:id`. */
export function routeOf(target: string): string {
  const path = target.split(/[?#]/, 1)[0] ?? "";
  return path
    .split("/")
    .map((part) => (VALUE.test(part) ? ":id" : part))
    .join("/");
}
