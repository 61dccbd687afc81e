/** Names that lead to an address, as a line of hosts(5). */
export interface HostLine {
  readonly address: string;
  readonly names: readonly string[];
}

/** A file of hosts with these lines first, and the system's own after them, but for the names that are ours. */
export function hostsText(ours: readonly HostLine[], system: string): string {
  const taken = new Set(ours.flatMap(({ names }) => names));
  const lines = system.split("\n").flatMap((line) => {
    const [entry = ""] = line.split("#", 1);
    const [address, ...names] = entry.split(/\s+/).filter((word) => word !== "");
    const left = names.filter((name) => !taken.has(name.toLowerCase()));
    if (address === undefined || left.length === names.length) return [line];
    return left.length === 0 ? [] : [`${address} ${left.join(" ")}`];
  });
  return [...ours.map(({ address, names }) => `${address} ${names.join(" ")}`), "", ...lines].join("\n");
}

/**
 * nsswitch.conf(5) in which names are looked up in files before anything else; null: so it is already. Where resolved or a
 * name service comes first, it answers by the system's own file.
 */
export function filesFirst(system: string): string | null {
  const line = /^[ \t]*hosts:[ \t]*(.*)$/m.exec(system);
  if (line === null) return `${system.replace(/\n?$/, "\n")}hosts: files dns\n`;
  const [whole, services = ""] = line;
  if (/^files(\s+\w|\s*$)/.test(services)) return null;
  // What is to be done after an answer of `files` stands behind it: [NOTFOUND=return].
  const others = services.replace(/(^|\s)files(\s+\[[^\]]*\])*(?=\s|$)/, "").trim();
  return system.replace(whole, () => `hosts: files ${others}`.trimEnd());
}
