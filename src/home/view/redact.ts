import { namesOf } from "../../inspect/redact/names.ts";
import { HIDDEN, shownLine } from "../../stack/run/shown.ts";
import type { EnvView } from "./view.ts";

/** Variables are few and are shown on request: any hint in a name will do, beside what hides fields of exchanges. */
const HINT = /pass|secret|token|key|credential|auth/i;
const { isSecret: isSecretName } = namesOf([]);

/** A password in a connection string: `Host=db;Password=…` of ADO.NET, `?user=…&password=…` of JDBC. */
const IN_CONNECTION = /(?:^|[;,?&\s])(?:password|pwd)=./i;

/** Hides the passwords of URLs in a text: `postgres://ann:••••••@127.0.0.1:61000/shop`. */
export function hidePasswords(text: string): string {
  return shownLine(text);
}

/** True for variables that are shown one by one only: by their name, or for a password in a URL or connection string. */
export function isSecret(name: string, value: string): boolean {
  if (value === "") return false;
  return HINT.test(name) || isSecretName(name, "field") || IN_CONNECTION.test(value) || hidePasswords(value) !== value;
}

/** An environment in order of names, secrets hidden. */
export function envViews(env: Readonly<Record<string, string>>): EnvView[] {
  return Object.entries(env)
    .map(([name, value]) => {
      const secret = isSecret(name, value);
      return { name, value: secret ? HIDDEN : value, secret };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
