/** Single labels, and the domains that nobody can register (RFC 6761 §6). */
const OURS = /^([^.]+|.+\.(localhost|test))$/;
const ADDRESS = /^(\[[0-9a-f:.]+\]|[0-9.]+)$/;
const LOOPBACK = /^(127\.[0-9.]+|\[::1\])$/;

/**
 * Whether a Host (lower case, without port) can't be one of this machine's: a public name that was made to resolve to it (DNS
 * rebinding), or an address that happens to reach loopback (0.0.0.0).
 */
export function isStrangersHost(host: string): boolean {
  if (host === "") return false;
  return ADDRESS.test(host) ? !LOOPBACK.test(host) : !OURS.test(host);
}
