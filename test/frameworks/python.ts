import type { Row } from "./row.ts";

const BIN = ".venv/bin";

/** What a row has of a virtual environment with these packages at exact versions; the docs show the first one's version. */
export function python(
  ...packages: readonly [string, ...string[]]
): Pick<Row, "needs" | "install" | "keep" | "version"> {
  const [first] = packages;
  const name = /^[\w.-]+/.exec(first)?.[0] ?? first;
  return {
    needs: ["python3"],
    install: [
      ["python3", "-m", "venv", ".venv"],
      [`${BIN}/pip`, "install", "--quiet", "--disable-pip-version-check", ...packages],
    ],
    keep: [".venv"],
    version: [`${BIN}/python`, "-c", `import importlib.metadata as m; print(m.version("${name}"))`],
  };
}

/** A program of the row's virtual environment, as it is typed. */
export const inVenv = (program: string, ...args: readonly string[]): readonly string[] => [
  `${BIN}/${program}`,
  ...args,
];
