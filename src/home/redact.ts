import type { EnvView } from "./view.ts";

/** What stands for a secret. */
export const HIDDEN = "••••••";

const SECRET_NAME = /pass|secret|token|key|credential|auth/i;
/** The user and password of a URL, wherever it stands in a text. */
const URL_PASSWORD = /(:\/\/[^\s:/?#@]*:)[^\s/?#@]+(?=@)/g;

/** Hides the passwords of URLs in a text: `postgres://ann:••••••@127.0.0.1:61000/shop`. */
export function hidePasswords(text: string): string {
  return text.includes("://") ? text.replace(URL_PASSWORD, `$1${HIDDEN}`) : text;
}

/** True for variables that are shown one by one only: by their name, or for a URL with a password in the value. */
export function isSecret(name: string, value: string): boolean {
  return value !== "" && (SECRET_NAME.test(name) || hidePasswords(value) !== value);
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
