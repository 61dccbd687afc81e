import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { missingCommand, programNotFound } from "./missing-command.ts";

function project(parsed: object, ...files: string[]): string {
  const folder = scratch("missing");
  writeFileSync(join(folder, "package.json"), JSON.stringify(parsed));
  for (const file of files) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  return folder;
}

const hint = (program: string, cwd: string) => missingCommand(program, cwd).hint;

describe("the hint for a missing program", () => {
  test("packages that aren't installed, by the project's own package manager", () => {
    const packages = { devDependencies: { vite: "^8" } };
    expect(hint("vite", project(packages))).toMatch(/not installed: npm install$/);
    expect(hint("vite", project(packages, "pnpm-lock.yaml"))).toMatch(/not installed: pnpm install$/);
    expect(hint("tsx", project(packages, "yarn.lock"))).toMatch(/not installed: yarn install$/);
  });

  test("a script's name isn't a program's", () => {
    expect(hint("dev", project({ scripts: { dev: "vite" } }))).toBe("it is a script of package.json: npm run dev");
  });

  test("a slip of the hand", () => {
    expect(hint("vtie", project({ dependencies: { vite: "8" } }, "node_modules/.bin/vite"))).toBe(
      'install it, or check its name; did you mean "vite"?',
    );
  });

  test("a path, and nothing to go by", () => {
    const folder = project({});
    expect(hint("./run.sh", folder)).toBe(`there is no ${join(folder, "run.sh")}; check the path`);
    expect(hint("no-such-program", "/")).toBe("install it, or check its name and PATH");
  });
});

test.each([
  ["/bin/sh: 1: vite: not found", "vite"],
  ["sh: line 1: vite: command not found", "vite"],
  ["bash: vite: command not found", "vite"],
  ["zsh:1: command not found: vite", "vite"],
  ["fish: Unknown command: vite", "vite"],
  ["'vite' is not recognized as an internal or external command,", "vite"],
  ["Error: page not found", null],
])("%s", (line, program) => {
  expect(programNotFound(["starting", line])).toBe(program);
});
