import { expect, test } from "vitest";
import { namesOf } from "./names.ts";

const { isSecret } = namesOf([]);

test.each([
  ...[
    "password",
    "Passwd",
    "user[password]",
    "PGPASSWORD",
    "newPassword",
    "pwd",
    "passphrase",
    "client_secret",
    "apiKey",
  ],
  ...["api_key", "X-Api-Key", "x-goog-api-key", "access_token", "refreshToken", "token", "csrf-token", "X-CSRF-Token"],
  ...[
    "id_token",
    "X-Amz-Security-Token",
    "Authorization",
    "session_id",
    "sessionid",
    "privateKey",
    "credentials",
    "jwt",
  ],
  ...["otp", "pin", "card.pin", "cvv", "secrets", "tokens", "aws_secret_access_key", "cookie", "SAMLResponse", "auth"],
])("%s stands for a credential", (name) => {
  expect(isSecret(name, "field")).toBe(true);
});

test.each([
  ...["name", "key", "code", "id", "author", "passenger", "compass", "token_type", "tokenCount", "max_tokens_limit"],
  ...["keyboard", "shipping", "spinner", "authority", "opinion", "design", "", "message", "content-type", "tokenizer"],
])("%s does not", (name) => {
  expect(isSecret(name, "field")).toBe(false);
});

test.each(["code", "sig", "key", "X-Amz-Signature", "signature", "code_verifier", "assertion"])(
  "%s is one in an address",
  (name) => {
    expect(isSecret(name, "address")).toBe(true);
  },
);

test("a stack's own names count, with * for anything", () => {
  const own = namesOf(["ssn", "x-internal-*", "Steuer.Nummer"]);
  for (const name of ["ssn", "SSN", "X-Internal-User", "xInternalId", "steuer_nummer"]) {
    expect(own.isSecret(name, "field")).toBe(true);
  }
  for (const name of ["ssn2", "internal", "x-external"]) expect(own.isSecret(name, "field")).toBe(false);
  expect(isSecret("ssn", "field")).toBe(false);
});
