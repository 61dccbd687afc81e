import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A program that opens a URL, to see whether it trusts what it's shown there. */
export interface Prover {
  /** `curl`, `Python`. */
  readonly tool: string;
  /** The program's names, the first that is found is run. */
  readonly programs: readonly string[];
  readonly args: (url: string, folder: string) => readonly string[];
  /** It compiles or starts for seconds: only where someone waits for it. */
  readonly slow: boolean;
  /** What it needs to trust Cove's certificates where it reads no store of the system's. */
  readonly hint?: string;
}

const PYTHON = `import sys, urllib.request as r
r.build_opener(r.ProxyHandler({})).open(sys.argv[1], timeout=10).read()`;

const NODE = `require("node:https").get(process.argv[1], (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on("error", () => process.exit(1))`;

const GO = `package main

import ("net/http"; "os")

func main() {
	client := &http.Client{Transport: &http.Transport{}}
	response, err := client.Get(os.Args[1])
	if err != nil { os.Exit(1) }
	response.Body.Close()
}
`;

const JAVA = `class Prove {
  public static void main(String[] args) throws Exception {
    var connection = java.net.URI.create(args[0]).toURL().openConnection(java.net.Proxy.NO_PROXY);
    connection.getInputStream().readAllBytes();
  }
}
`;

/** Writes a program for one proof into its folder. */
function program(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

const IN_SERVICES = "services of stacks trust it; elsewhere:";

export const PROVERS: readonly Prover[] = [
  {
    tool: "Chromium",
    programs: ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    slow: false,
    args: (url, folder) => [
      ...["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
      ...["--disable-component-update", "--no-proxy-server", `--user-data-dir=${join(folder, "chromium")}`],
      // Its sandbox doesn't start as root.
      ...(process.geteuid?.() === 0 ? ["--no-sandbox"] : []),
      ...["--dump-dom", url],
    ],
  },
  { tool: "curl", programs: ["curl"], slow: false, args: (url) => ["-sS", "--noproxy", "*", "--max-time", "10", url] },
  { tool: "Python", programs: ["python3", "python"], slow: false, args: (url) => ["-c", PYTHON, url] },
  {
    tool: "Node",
    programs: ["node"],
    slow: false,
    args: (url) => ["-e", NODE, url],
    hint: `${IN_SERVICES} NODE_USE_SYSTEM_CA=1, or NODE_EXTRA_CA_CERTS=$(cove trust --path)`,
  },
  {
    tool: "Java",
    programs: ["java"],
    slow: true,
    args: (url, folder) => [program(folder, "Prove.java", JAVA), url],
  },
  {
    tool: "Go",
    programs: ["go"],
    slow: true,
    args: (url, folder) => ["run", program(folder, "prove.go", GO), url],
  },
];
