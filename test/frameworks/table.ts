// Every program that is tried behind the door.
//
// To add a row: an entry in a file of `rows/`, or a new file there and a line below. `row.ts` says what a row holds: files of
// the smallest project, what to install at which exact versions, the command, what its page says, an edit and what the page
// says then. A program from outside npm goes into `needs` (looked for on PATH; skipped by name where missing) and into
// `.ci/run`; what it installs goes into `install`, one command a line, run in the project's folder, and `keep` names what
// that makes (`.venv`). Try one row, by its name:
//
//   npm run test:frameworks -- -t NAME
//
// It writes what it saw into results.json and docs/frameworks.md; rows that weren't run keep their lines.
import type { Row } from "./row.ts";
import { BUNDLERS } from "./rows/bundlers.ts";
import { FILES } from "./rows/files.ts";
import { GO_RUST_JAVA } from "./rows/go-rust-java.ts";
import { OTHERS } from "./rows/others.ts";
import { PYTHON_APPS } from "./rows/python-apps.ts";
import { PYTHON_WEB } from "./rows/python-web.ts";
import { REACT_AND_VUE } from "./rows/react-and-vue.ts";
import { RUBY_PHP } from "./rows/ruby-php.ts";
import { RUNTIMES } from "./rows/runtimes.ts";
import { SERVERS } from "./rows/servers.ts";
import { SITES } from "./rows/sites.ts";
import { VITE } from "./rows/vite.ts";
import { WORKSPACES } from "./rows/workspaces.ts";

export const TABLE: readonly Row[] = [
  ...VITE,
  ...BUNDLERS,
  ...REACT_AND_VUE,
  ...SITES,
  ...FILES,
  ...SERVERS,
  ...RUNTIMES,
  ...WORKSPACES,
  ...OTHERS,
  ...PYTHON_WEB,
  ...PYTHON_APPS,
  ...GO_RUST_JAVA,
  ...RUBY_PHP,
];
