// Loaded in front of a Node program that was told the door's port, so that its page's client goes to the door: its listener
// there is put at its leased address. Plain CommonJS for any version of Node; it must never throw. The variable that it reads
// is set by `door-port.ts`: `62893=127.0.0.1:61007`.
type Bind = (this: unknown, address: string, port: number, flags?: number) => number;
interface Handle {
  bind: Bind;
  bind6: Bind;
  getsockname(this: unknown, out: { port?: number }): number;
}

try {
  const [, told, host = "", leased] = /^(\d+)=([\d.]+):(\d+)$/.exec(process.env.COVE_LEASED_PORT ?? "") ?? [];
  if (told !== undefined) {
    const { TCP } = (process as unknown as { binding(name: string): { TCP: { prototype: Handle } } }).binding(
      "tcp_wrap",
    );
    const { bind, bind6, getsockname } = TCP.prototype;
    TCP.prototype.bind = function (address, port, ...rest) {
      return port === Number(told)
        ? bind.call(this, host, Number(leased), ...rest)
        : bind.call(this, address, port, ...rest);
    };
    TCP.prototype.bind6 = function (address, port, ...rest) {
      return port === Number(told)
        ? bind6.call(this, `::ffff:${host}`, Number(leased), 0)
        : bind6.call(this, address, port, ...rest);
    };
    // It must see the port that it asked for: some tell by that whether it was free.
    TCP.prototype.getsockname = function (out) {
      const error = getsockname.call(this, out);
      if (out.port === Number(leased)) out.port = Number(told);
      return error;
    };
  }
} catch {
  // A Node without these calls: it can't listen where the door does, and says so.
}
