// Makes certificates. It loads the X.509 library, which takes a tenth of a second: only the thread imports this file.
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { NAME_CONSTRAINTS, nameConstraints } from "./name-constraints.ts";

/** What an authority consists of, PEM. */
export interface AuthorityParts {
  /** Self-signed, what is trusted. Its key is gone: it has signed the intermediate and will sign nothing else. */
  readonly root: string;
  /** Signs leaves. */
  readonly intermediate: string;
  /** The intermediate's key, PKCS #8. */
  readonly key: string;
}

export interface LeafRequest {
  /** A DNS name; null: the loopback addresses and `localhost`, for clients that name no server. */
  readonly name: string | null;
  readonly intermediate: string;
  readonly key: string;
}

/** PEM: the leaf alone, and its key. */
export interface LeafParts {
  readonly certificate: string;
  readonly key: string;
}

const DAY = 24 * 3_600_000;
/** How long an authority is good for, days. Making another one means to trust that one. */
const AUTHORITY_DAYS = 3_650;
/** How long a leaf is good for, the day before included, days: Apple takes 825, others may take less. */
const LEAF_DAYS = 190;
/** Certificates count from a day ago: clocks of virtual machines and containers differ. */
const BACKDATED = DAY;

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const SIGNED = { name: "ECDSA", hash: "SHA-256" };
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const SIGNS_CERTIFICATES = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign;
/** A common name may have so many characters (RFC 5280, appendix A.1). */
const COMMON_NAME_MOST = 64;

/** The name in certificates and trust stores, before the part that tells one authority from another. */
const AUTHORITY_NAME = "Cove local authority";

/** A root for the suffixes and loopback, which signs one intermediate with the same constraints and then loses its key. */
export async function makeAuthority(suffixes: readonly string[]): Promise<AuthorityParts> {
  // Not extractable, and in no variable after this function: there's no way to sign with it again.
  const root = await crypto.subtle.generateKey(P256, false, ["sign", "verify"]);
  const signer = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const id = serial().slice(0, 8);
  const name = dn(`${AUTHORITY_NAME} ${id}`);
  const constraints = new x509.Extension(NAME_CONSTRAINTS, true, nameConstraints(suffixes));
  const valid = validity(AUTHORITY_DAYS);
  const rootCertificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...valid,
    serialNumber: serial(),
    name,
    keys: root,
    signingAlgorithm: SIGNED,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(SIGNS_CERTIFICATES, true),
      constraints,
      await x509.SubjectKeyIdentifierExtension.create(root.publicKey),
    ],
  });
  const intermediate = await x509.X509CertificateGenerator.create({
    ...valid,
    serialNumber: serial(),
    subject: dn(`${AUTHORITY_NAME} ${id} intermediate`),
    issuer: name,
    publicKey: signer.publicKey,
    signingKey: root.privateKey,
    signingAlgorithm: SIGNED,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(SIGNS_CERTIFICATES, true),
      // Not every program heeds the constraints of what it trusts itself (Java): those of an intermediate count everywhere.
      constraints,
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      await x509.SubjectKeyIdentifierExtension.create(signer.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(root.publicKey),
    ],
  });
  return {
    root: pem(rootCertificate),
    intermediate: pem(intermediate),
    key: await keyPem(signer.privateKey),
  };
}

/** The key that signed last, by its PEM: an authority's stays the same. */
let signing: { readonly pem: string; readonly key: webcrypto.CryptoKey; readonly issuer: x509.X509Certificate } | null =
  null;

/** A server's certificate for one name, or for loopback. */
export async function makeLeaf({ name, intermediate, key }: LeafRequest): Promise<LeafParts> {
  if (signing?.pem !== key) {
    const bytes = x509.PemConverter.decodeFirst(key);
    signing = {
      pem: key,
      key: await crypto.subtle.importKey("pkcs8", bytes, P256, false, ["sign"]),
      issuer: new x509.X509Certificate(intermediate),
    };
  }
  const { issuer, key: signingKey } = signing;
  const keys = await crypto.subtle.generateKey(P256, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(LEAF_DAYS),
    serialNumber: serial(),
    subject: dn(name === null ? "localhost" : name.slice(0, COMMON_NAME_MOST)),
    issuer: issuer.subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: SIGNED,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension(
        name === null
          ? [
              { type: "dns", value: "localhost" },
              { type: "ip", value: "127.0.0.1" },
              { type: "ip", value: "::1" },
            ]
          : [{ type: "dns", value: name }],
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await keyPem(keys.privateKey) };
}

const dn = (commonName: string): x509.JsonName => [{ O: ["Cove"] }, { CN: [commonName] }];

const pem = (certificate: x509.X509Certificate): string => `${certificate.toString("pem")}\n`;

async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY")}\n`;
}

function validity(days: number): { notBefore: Date; notAfter: Date } {
  const from = Date.now() - BACKDATED;
  // A validity counts its last second (RFC 5280 §4.1.2.5).
  return { notBefore: new Date(from), notAfter: new Date(from + days * DAY - 1_000) };
}

/** Positive, and too long to be guessed (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = crypto.getRandomValues(Buffer.alloc(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}
