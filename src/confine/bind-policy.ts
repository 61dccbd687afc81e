/**
 * What happens to a service that tries to listen on more than loopback. `warn`: it is reported. `fix`: its listeners are
 * turned to loopback (without root, setuid programs such as sudo don't work in it then). `box`: it runs in a network of
 * its own, where it may listen as it likes.
 */
export const BIND_POLICIES = ["warn", "fix", "box"] as const;
export type BindPolicy = (typeof BIND_POLICIES)[number];
