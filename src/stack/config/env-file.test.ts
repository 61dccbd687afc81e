// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are what is tested
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scratch } from "../../../test/support/scratch.ts";
import { type EnvVariables, readEnvFile } from "./env-file.ts";

/** What a file with these contents gives, or what is wrong with it. */
function read(contents: string | Uint8Array, shell: Record<string, string> = {}) {
  const file = join(scratch("env"), "x.env");
  writeFileSync(file, contents);
  const into: EnvVariables = { values: new Map(), gaps: new Map() };
  const problem = readEnvFile(file, shell, into);
  return problem ?? { ...Object.fromEntries(into.values), ...(into.gaps.size > 0 && { gaps: [...into.gaps.keys()] }) };
}

describe("an env file is read as compose and dotenv read it", () => {
  test.each<[string, string, Record<string, string>]>([
    ["plain", "A=1\nB=two words", { A: "1", B: "two words" }],
    ["Windows' line ends", "A=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["old Mac line ends", "A=1\rB=2", { A: "1", B: "2" }],
    ["empty values", "A=\nB=\"\"\nC=''\nD= ", { A: "", B: "", C: "", D: "" }],
    ["spaces", "  A  =  1  \n\tB\t=\t2\t", { A: "1", B: "2" }],
    ["export", "export A=1\n  export   B = 2\nexport=3", { A: "1", B: "2", export: "3" }],
    ["comments", "# A=0\nA=1 # one\nB=2\t# two\n   # more\nC=3", { A: "1", B: "2", C: "3" }],
    [
      "a sign without a space",
      "A=#fff\nB=x#y\nC= # none\nD=http://h/#top",
      { A: "#fff", B: "x#y", C: "", D: "http://h/#top" },
    ],
    ["a sign in quotes", "A=\"x # y\" # z\nB='x # y'#z\nC=`x # y`", { A: "x # y", B: "x # y", C: "x # y" }],
    [
      "quotes inside",
      'A=it\'s\nB="it\'s"\nC=\'say "x"\'\nD=`\'"`\nE={"a":1}',
      { A: "it's", B: "it's", C: 'say "x"', D: "'\"", E: '{"a":1}' },
    ],
    [
      "escapes",
      `A="1\\n2\\t3\\\\4\\"5\\r" \nB='1\\n2'\nC=1\\n2\nD='it\\'s'`,
      { A: '1\n2\t3\\4"5\r', B: "1\\n2", C: "1\\n2", D: "it's" },
    ],
    ["paths of Windows", "A=C:\\new\\table\nB='C:\\new\\table'", { A: "C:\\new\\table", B: "C:\\new\\table" }],
    [
      "several lines",
      "A=\"1\n  2\n# 3\"\nB='1\n2'\nC=`1\r\n2`\nD=4",
      { A: "1\n  2\n# 3", B: "1\n2", C: "1\n2", D: "4" },
    ],
    ["colons", "A: 1\nB: 'two'\nC:\nD=a:b", { A: "1", B: "two", C: "", D: "a:b" }],
    [
      "dots and dashes",
      "a.b-c=1\n_x=2\nspring.profiles[0]=3\nÄ=4",
      { "a.b-c": "1", _x: "2", "spring.profiles[0]": "3", Ä: "4" },
    ],
    ["a name twice", "A=1\nA=2\nB=${A}", { A: "2", B: "2" }],
    ["a name alone", "A\nexport B\nC # the shell's\nD=1", { D: "1" }],
    ["equals signs", "A=b=c==\nB==", { A: "b=c==", B: "=" }],
    ["nothing", "\n\n# only a comment", {}],
    [
      "a name of the language's own",
      "__proto__=1\nconstructor=2",
      Object.fromEntries([
        ["__proto__", "1"],
        ["constructor", "2"],
      ]),
    ],
  ])("%s", (_, contents, expected) => {
    expect(read(contents)).toEqual(expected);
  });

  test.each<[string, string, Record<string, string>]>([
    ["earlier ones", 'A=1\nB=${A}-x\nC=$A-x\nD="${A}$B"', { A: "1", B: "1-x", C: "1-x", D: "11-x" }],
    ["the shell's first", "S=file\nA=${S}", { S: "file", A: "shell" }],
    ["not in quotes that are literal", "A='${S}'\nB=`$S`", { A: "${S}", B: "$S" }],
    [
      "defaults",
      "A=${X:-d}\nB=${X-d}\nC=${E:-d}\nD=${E-d}\nF=${S:+y}\nG=${X:+y}\nH=${X:-${S}}",
      { A: "d", B: "d", C: "d", D: "", F: "y", G: "", H: "shell" },
    ],
    [
      "not where it's escaped",
      'A=\\$S\nB="\\$S"\nC=$$S\nD=$5 $\nE="\\\\$S"',
      { A: "$S", B: "$S", C: "$S", D: "$5 $", E: "\\shell" },
    ],
    ["itself", "S=${S}:more\nP=${P:-}x", { S: "shell:more", P: "x" }],
  ])("and names others: %s", (_, contents, expected) => {
    expect(read(contents, { S: "shell", E: "" })).toEqual(expected);
  });

  test("in UTF-8 and UTF-16, with and without a mark", () => {
    const text = "A=ä\nB=2\n";
    const le = Buffer.from(text, "utf16le");
    const be = Buffer.from(le).swap16();
    const all = [
      Buffer.from(`\ufeff${text}`),
      Buffer.concat([Buffer.from([0xff, 0xfe]), le]),
      Buffer.concat([Buffer.from([0xfe, 0xff]), be]),
      le,
      be,
    ];
    for (const bytes of all) expect(read(bytes)).toEqual({ A: "ä", B: "2" });
  });

  test("what names a variable that is set nowhere is apart", () => {
    expect(read("A=pa$word\nB=1\nC=${B}${NONE}")).toEqual({ B: "1", gaps: ["A", "C"] });
  });

  test("values of every sort come back from the quotes that fit them, as Node reads them too", () => {
    const value = fc.string({ unit: "grapheme" }).filter((text) => !/[\0\r`$\\]/.test(text));
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/), value), (entries) => {
        const text = Object.entries(entries)
          .map(([name, one]) => `${name}=\`${one}\``)
          .join("\n");
        const plain = { ...entries };
        expect(read(text)).toEqual(plain);
        expect({ ...parseEnv(text) }).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  test("text of every sort is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom("A", "=", ":", "'", '"', "`", "#", " ", "\n", "\r", "$", "{", "}", "\\", "export ", "-"),
        ),
        (parts) => {
          read(parts.join(""));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("what can't be read is refused, by its line and without its value", () => {
  test.each<[string, string | Uint8Array, string]>([
    ["no sign", "A=1\nB secret", "2: has no = behind B; write NAME=value, or # before a comment"],
    ["no name", "A=1\n\n=secret", "3: begins with no variable's name; write NAME=value, or # before a comment"],
    ["a sentence", "A=1\nhello my secret world", "2: has no = behind hello; write NAME=value, or # before a comment"],
    ["an open quote", "A=1\nB='secret\n\nC=2", "2: B begins with ' and has no closing '"],
    ["an open double quote", 'A="secret\\"', '1: A begins with " and has no closing "'],
    [
      "more behind a quote",
      'A="x" secret',
      '1: A has more behind its closing "; put the whole value in quotes, with \\" within',
    ],
    ["a NUL byte", "A=1\nB=x\0y", "2: has a NUL byte, which no variable can hold"],
    [
      "other bytes",
      Buffer.concat([Buffer.from("A=1\nB="), Buffer.from([0xe4, 10])]),
      "2: isn't UTF-8 text in line 2; save it as UTF-8",
    ],
  ])("%s", (_, contents, expected) => {
    const found = read(contents) as { message?: string; unreadable?: string; line?: number };
    expect(`${found.line}: ${found.message ?? found.unreadable}`).toBe(expected);
  });

  test("a folder, a missing file, a large one, a pipe that nobody writes to", () => {
    const dir = scratch("env");
    const into: EnvVariables = { values: new Map(), gaps: new Map() };
    expect(readEnvFile(dir, {}, into)).toEqual({ unreadable: "is a folder" });
    expect(readEnvFile(join(dir, "none"), {}, into)).toEqual({ unreadable: "isn't there", isMissing: true });
    writeFileSync(join(dir, "large"), `A=${"x".repeat(1024 * 1024)}`);
    expect(readEnvFile(join(dir, "large"), {}, into)).toEqual({ unreadable: "is larger than 1 MiB" });
    mkdirSync(join(dir, "x"));
    if (process.platform === "win32") return;
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(dir, "pipe")]);
    expect(readEnvFile(join(dir, "pipe"), {}, into)).toEqual({ unreadable: "is a pipe that nobody wrote to for 2 s" });
  });
});
