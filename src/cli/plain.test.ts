import { expect, test } from "vitest";
import { readPlainLine } from "./plain.ts";

test("what is typed all day is read without the option parser", () => {
  for (const args of [[], ["status"]]) {
    expect(readPlainLine(args)).toEqual({ command: "status", words: [], options: { json: false } });
    expect(readPlainLine([...args, "--json"])).toEqual({ command: "status", words: [], options: { json: true } });
  }
  expect(readPlainLine(["--json", "status"])?.options).toEqual({ json: true });
  expect(readPlainLine(["run", "--", "npm", "run", "dev", "--", "-p", "1"])).toEqual({
    command: "run",
    words: ["npm", "run", "dev", "--", "-p", "1"],
    options: {},
  });
  expect(readPlainLine(["run", "--port", "8080", "--name", "web", "--", "vite"])).toEqual({
    command: "run",
    words: ["vite"],
    options: { port: "8080", name: "web" },
  });
});

test("everything else, and what is wrong, is the option parser's", () => {
  const lines = [
    "statu",
    "status x",
    "status --help",
    "up",
    "run",
    "run --",
    "run vite",
    "run -- ",
    "run --port -- vite",
    "run --name=web -- vite",
    "run --name -x -- vite",
    "run --help -- vite",
    "run -C .. -- vite",
    "-C x run -- vite",
    "run vite -- --port 1",
  ];
  for (const line of lines) expect(readPlainLine(line.split(" ").filter((word) => word !== "")), line).toBeNull();
});
