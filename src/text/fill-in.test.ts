// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { describe, expect, test } from "vitest";
import { factsNamedIn, fillIn, fillInLine, namesIn } from "./fill-in.ts";

const known: Record<string, string> = { HOME: "/home/ann", PATH: "/bin", EMPTY: "" };
const lookup = (name: string) => known[name];

test.each([
  ["${HOME}/x", "/home/ann/x"],
  ["${HOME}:${PATH}", "/home/ann:/bin"],
  ["$HOME", "$HOME"],
  ["${NONE:-4000}", "4000"],
  ["${NONE:-}", ""],
  ["${NONE-x}", "x"],
  ["${EMPTY:-full}", "full"],
  ["${EMPTY-full}", ""],
  ["${EMPTY}", ""],
  ["${HOME:+set}${NONE:+set}${EMPTY:+set}${EMPTY+set}", "setset"],
  ["${HOME:?gone}${EMPTY?gone}", "/home/ann"],
  ["${NONE:-${OTHER:-${PATH}}}/x", "/bin/x"],
  ["${NONE:-http://h:1/{a}}", "http://h:1/{a}"],
  ["$${HOME} $$ $$$${HOME}", "${HOME} $ $${HOME}"],
  ["$$${HOME}", "$/home/ann"],
  ["100% of $5, $", "100% of $5, $"],
  ["\\n", "\\n"],
])("%s becomes %s", (text, expected) => {
  expect(fillIn(text, { lookup })).toBe(expected);
});

test.each([
  ["${TYPO}", "TYPO", "names ${TYPO}, which is set nowhere"],
  ["${TYPO:?give a key}", "TYPO", "needs TYPO: give a key"],
  ["${TYPO?}", "TYPO", "needs TYPO, which is set nowhere"],
  ["${EMPTY:?}", "EMPTY", "needs EMPTY, which is empty"],
  ["${NONE:-${TYPO}}", "TYPO", "names ${TYPO}, which is set nowhere"],
  ["a ${HOME", "HOME", "has ${HOME without its closing brace"],
  ["${}", "", "has ${}, which names no variable"],
  ["${not a name}", "not", "has ${not a name}, which names no variable"],
])("%s is told", (text, name, problem) => {
  expect(fillIn(text, { lookup })).toMatchObject({ name, problem });
});

test("in an env file names without braces count, and a backslash keeps a dollar", () => {
  const options = { lookup, bare: true };
  expect(fillIn("$HOME-$PATH \\$HOME \\n", options)).toBe("/home/ann-/bin $HOME \\n");
  expect(fillIn('$HOME\\n\\"\\q', { ...options, escapes: true })).toBe('/home/ann\n"\\q');
  expect(fillIn("$TYPO", options)).toMatchObject({ name: "TYPO" });
});

test("a shell's line keeps what the shell resolves by itself", () => {
  const line = (text: string) => fillInLine(text, (name) => name === "PORT", lookup);
  expect(line("serve -p ${PORT} -d ${HOME} ${PORT:-1} ${PATH:+x} ${NONE:-y} ${#A} ${A%b} $$ $HOME")).toBe(
    "serve -p ${PORT} -d /home/ann ${PORT:-1} x ${NONE:-y} ${#A} ${A%b} $$ $HOME",
  );
  expect(line("echo $${HOME} ${HOME")).toBe("echo ${HOME} ${HOME");
});

test("names are found in defaults, and not where they are escaped", () => {
  expect(namesIn("${A} ${B:-${C}} $${D} $$${E} $F")).toEqual(["A", "B", "C", "E"]);
});

describe("a service's facts", () => {
  const facts: Record<string, string> = { "db.host": "127.0.0.1", "my-db.url": "postgres://x" };
  const references = {
    isService: (name: string) => ["db", "my-db"].includes(name),
    lookup: (service: string, fact: string) => facts[`${service}.${fact}`],
  };
  const fill = (text: string) => fillIn(text, { lookup: (name) => ({ my: "mine" })[name], references });

  test.each([
    ["${db.host}:${db.port:-5432}", "127.0.0.1:5432"],
    ["${my-db.url}", "postgres://x"],
    ["$${db.host} ${my-other.text} ${none-a.b}", "${db.host} mine a.b"],
    ["${db.port:+set}${db.host:+set}", "set"],
    ["${db.port:-${db.host}}", "127.0.0.1"],
  ])("%s is %s", (text, filled) => {
    expect(fill(text)).toBe(filled);
  });

  test("that aren't there, or stand where none can, are gaps", () => {
    expect(fill("${db.user}")).toMatchObject({ problem: "names ${db.user}, but db has no user" });
    expect(fillIn("${db.host}", { lookup: () => undefined })).toMatchObject({
      problem: expect.stringContaining("can only stand in a service's env and command lines"),
    });
  });

  test("are filled in for a shell, which can't resolve them", () => {
    const line = fillInLine(
      "serve $PORT ${PORT} ${db.host} $${db.host}",
      (name) => name === "PORT",
      () => "x",
      references,
    );
    expect(line).toBe("serve $PORT ${PORT} 127.0.0.1 ${db.host}");
  });

  test("are listed with those of defaults, and without escaped ones", () => {
    const text = "${db.host} ${A:-${my-db.url}} $${db.port} ${x-a.b}";
    expect(factsNamedIn(text, references.isService)).toEqual([
      { service: "db", fact: "host" },
      { service: "my-db", fact: "url" },
    ]);
  });
});
