/** A reference to a variable that is set nowhere. */
export interface Unset {
  /** The entry that it stands in. */
  readonly entry: string;
  readonly unset: string;
}

/**
 * Fills `${NAME}` and `${NAME:-default}` in the values of `entries` with what `known` or an earlier entry says; an entry
 * that names itself means the one in `known`. `$${` stands for a plain `${`. An empty variable counts as set for
 * `${NAME}`, and as unset for `:-`, as in a shell (POSIX XCU §2.6.2).
 */
export function expandAll(
  entries: Readonly<Record<string, string>>,
  known: Readonly<Record<string, string>>,
): { readonly env: Record<string, string> } | Unset {
  const done: Record<string, string> = {};
  for (const [entry, value] of Object.entries(entries)) {
    let unset: string | undefined;
    done[entry] = value.replace(
      /\$?\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
      (whole: string, name: string, fallback: string | undefined) => {
        if (whole.startsWith("$$")) return whole.slice(1);
        const found = done[name] ?? known[name];
        if (fallback !== undefined) return found || fallback;
        if (found === undefined) unset ??= name;
        return found ?? "";
      },
    );
    if (unset !== undefined) return { entry, unset };
  }
  return { env: done };
}
