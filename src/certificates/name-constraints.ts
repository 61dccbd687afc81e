/** The extension's object identifier (RFC 5280 §4.2.1.10). */
export const NAME_CONSTRAINTS = "2.5.29.30";

const SEQUENCE = 0x30;
/** permittedSubtrees [0]. */
const PERMITTED = 0xa0;
/** GeneralName: dNSName [2], iPAddress [7]. */
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** 127.0.0.0/8, as address and mask. */
const LOOPBACK_4 = [127, 0, 0, 0, 255, 0, 0, 0];
/** ::1/128. */
const LOOPBACK_6 = [...Array<number>(15).fill(0), 1, ...Array<number>(16).fill(255)];

/**
 * The value of a NameConstraints extension that permits the suffixes, all names below them, and the loopback addresses; all
 * else that is a DNS name or an address is out. DER (RFC 5280 §4.2.1.10).
 */
export function nameConstraints(suffixes: readonly string[]): Buffer {
  const names = suffixes.map((suffix) => subtree(DNS_NAME, Buffer.from(suffix, "latin1")));
  const addresses = [LOOPBACK_4, LOOPBACK_6].map((bytes) => subtree(IP_ADDRESS, Buffer.from(bytes)));
  return tagged(SEQUENCE, tagged(PERMITTED, Buffer.concat([...names, ...addresses])));
}

/** GeneralSubtree; its minimum and maximum are never encoded. */
const subtree = (tag: number, value: Buffer): Buffer => tagged(SEQUENCE, tagged(tag, value));

function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), value]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), value]);
}
