/** The first byte of a TLS connection: a record of type handshake (RFC 8446 §5.1). No request of HTTP begins with it. */
export const TLS_FIRST_BYTE = 0x16;

const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const HANDSHAKE_HEAD = 4;
/** A record may hold so many bytes (RFC 8446 §5.1). */
const RECORD_MOST = 16_384;
/** The longest ClientHello that is taken, bytes: browsers send under 2 KiB, with post-quantum keys. */
const HELLO_MOST = 32_768;
/** legacy_version and random. */
const FIXED = 34;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/**
 * What a connection's first bytes say: `more`, they aren't a whole ClientHello yet; else the name that the client asks for, in
 * lower case, or null where it names none. What breaks TLS's rules counts as whole, too: TLS itself answers it.
 */
export function readServerName(bytes: Buffer): "more" | { readonly name: string | null } {
  const hello = gatherHello(bytes);
  if (hello === "more") return "more";
  return { name: hello === null ? null : serverName(hello) };
}

/** The ClientHello's body, out of one record or several; null: it is none. */
function gatherHello(bytes: Buffer): Buffer | "more" | null {
  const parts: Buffer[] = [];
  let gathered = 0;
  for (let at = 0; ; ) {
    if (bytes.length < at + RECORD_HEAD) return bytes.length > HELLO_MOST ? null : "more";
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at] !== TLS_FIRST_BYTE || bytes[at + 1] !== 3 || length === 0 || length > RECORD_MOST) return null;
    const part = bytes.subarray(at + RECORD_HEAD, at + RECORD_HEAD + length);
    parts.push(part);
    gathered += part.length;
    const message = parts.length === 1 ? part : Buffer.concat(parts);
    if (gathered >= HANDSHAKE_HEAD) {
      const end = HANDSHAKE_HEAD + message.readUIntBE(1, 3);
      if (message[0] !== CLIENT_HELLO || end > HELLO_MOST) return null;
      if (gathered >= end) return message.subarray(HANDSHAKE_HEAD, end);
    }
    if (part.length < length) return "more";
    at += RECORD_HEAD + length;
  }
}

/** The host_name of the server_name extension (RFC 6066 §3). */
function serverName(hello: Buffer): string | null {
  let at = FIXED;
  // legacy_session_id, cipher_suites, legacy_compression_methods.
  for (const size of [1, 2, 1]) {
    if (at + size > hello.length) return null;
    at += size + hello.readUIntBE(at, size);
  }
  if (at + 2 > hello.length) return null;
  const end = Math.min(hello.length, at + 2 + hello.readUInt16BE(at));
  at += 2;
  while (at + 4 <= end) {
    const type = hello.readUInt16BE(at);
    const length = hello.readUInt16BE(at + 2);
    at += 4;
    if (type === SERVER_NAME) return hostName(hello.subarray(at, Math.min(end, at + length)));
    at += length;
  }
  return null;
}

function hostName(extension: Buffer): string | null {
  if (extension.length < 5 || extension[2] !== HOST_NAME) return null;
  const length = extension.readUInt16BE(3);
  if (length === 0 || extension.length < 5 + length) return null;
  return extension.toString("latin1", 5, 5 + length).toLowerCase();
}
