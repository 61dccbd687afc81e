// Loaded in front of every Node program of a service, of whatever version: plain CommonJS, and it must never throw.
// It patches the two calls through which all of Node's TCP servers bind: net, http, http2, tls, cluster, workers.
type Bind = (this: unknown, address: string, port: number, flags?: number) => number;
interface Handle {
  bind: Bind;
  bind6: Bind;
}

try {
  const { TCP } = (process as unknown as { binding(name: string): { TCP: { prototype: Handle } } }).binding("tcp_wrap");
  const { bind, bind6 } = TCP.prototype;
  const IPV6_ONLY = 1;
  TCP.prototype.bind = function (address, port, ...rest) {
    return bind.call(this, /^127\./.test(address) ? address : "127.0.0.1", port, ...rest);
  };
  TCP.prototype.bind6 = function (address, port, flags = 0) {
    if (/^(::1|::ffff:127\..*)$/i.test(address)) return bind6.call(this, address, port, flags);
    return bind6.call(this, (flags & IPV6_ONLY) !== 0 ? "::1" : "::ffff:127.0.0.1", port, flags);
  };
} catch {
  // A Node without these calls: the watch of listeners is left.
}
