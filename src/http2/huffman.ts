/**
 * HPACK's Huffman code (RFC 7541 §5.2 and Appendix B), decoded a byte at a time. The code is canonical: within a length the
 * codes follow the symbols' order, so that the lengths say all of it.
 */

/** From a length in bits to its symbols; 256 is the end of a string, which no string may hold. */
const SYMBOLS: readonly (readonly [length: number, symbols: string])[] = [
  [5, "48-50 97 99 101 105 111 115-116"],
  [6, "32 37 45-47 51-57 61 65 95 98 100 102-104 108-110 112 114 117"],
  [7, "58 66-87 89 106-107 113 118-122"],
  [8, "38 42 44 59 88 90"],
  [10, "33-34 40-41 63"],
  [11, "39 43 124"],
  [12, "35 62"],
  [13, "0 36 64 91 93 126"],
  [14, "94 125"],
  [15, "60 96 123"],
  [19, "92 195 208"],
  [20, "128 130-131 162 184 194 224 226"],
  [21, "153 161 167 172 176-177 179 209 216-217 227 229-230"],
  [22, "129 132-134 136 146 154 156 160 163-164 169-170 173 178 181 185-187 189-190 196 198 228 232-233"],
  [23, "1 135 137-141 143 147 149-152 155 157-158 165-166 168 174-175 180 182-183 188 191 197 231 239"],
  [24, "9 142 144-145 148 159 171 206 215 225 236-237"],
  [25, "199 207 234-235"],
  [26, "192-193 200-202 205 210 213 218-219 238 240 242-243 255"],
  [27, "203-204 211-212 214 221-223 241 244-248 250-254"],
  [28, "2-8 11-12 14-21 23-31 127 220 249"],
  [30, "10 13 22 256"],
];
const END = 256;

export interface HuffmanCode {
  readonly symbol: number;
  readonly code: number;
  readonly length: number;
}

/** All 257 codes, shortest first. */
export function huffmanCodes(): HuffmanCode[] {
  const codes: HuffmanCode[] = [];
  let code = 0;
  let before = 0;
  for (const [length, symbols] of SYMBOLS) {
    code *= 2 ** (length - before);
    before = length;
    for (const range of symbols.split(" ")) {
      const [first = 0, last = first] = range.split("-").map(Number);
      for (let symbol = first; symbol <= last; symbol++) codes.push({ symbol, code: code++, length });
    }
  }
  return codes;
}

/**
 * What a byte does in a state (256 of each): bits 0 to 7 the next state, 8 and 9 how many symbols it ends, 16 to 23 and 24
 * to 31 these. FAIL: it ends the string within it.
 */
interface Automaton {
  readonly steps: Uint32Array;
  /** States in which a string may end: fewer than eight bits, all ones, since the last symbol. */
  readonly ends: Uint8Array;
}
const FAIL = 3 << 8;

/** Made with the first string: 65,536 steps take some ms. */
let made: Automaton | null = null;

function automaton(): Automaton {
  /** `children[2 * node + bit]`: another node; a symbol as -1 - symbol. */
  const children = new Int32Array(2 * 256);
  let nodes = 1;
  for (const { symbol, code, length } of huffmanCodes()) {
    let node = 0;
    for (let bit = length - 1; bit >= 0; bit--) {
      const at = 2 * node + ((code >>> bit) & 1);
      if (bit === 0) children[at] = -1 - symbol;
      else if (children[at] === 0) children[at] = nodes++;
      node = children[at] ?? 0;
    }
  }
  const ends = new Uint8Array(256);
  for (let node = 0, depth = 0; depth < 8; depth++, node = children[2 * node + 1] ?? 0) ends[node] = 1;
  const steps = new Uint32Array(256 * 256);
  for (let state = 0; state < 256; state++) {
    for (let byte = 0; byte < 256; byte++) steps[state * 256 + byte] = step(children, state, byte);
  }
  return { steps, ends };
}

function step(children: Int32Array, state: number, byte: number): number {
  let node = state;
  let symbols = 0;
  let count = 0;
  for (let bit = 7; bit >= 0; bit--) {
    node = children[2 * node + ((byte >>> bit) & 1)] ?? 0;
    if (node >= 0) continue;
    const symbol = -1 - node;
    if (symbol === END) return FAIL;
    symbols |= symbol << (16 + 8 * count++);
    node = 0;
  }
  return (symbols | (count << 8) | node) >>> 0;
}

/** The shortest code has five bits. */
const MOST_GROWTH = 8 / 5;
let scratch = Buffer.allocUnsafeSlow(4096);

/** The latin1 text of `bytes[from, to)`; null: it breaks the code's rules. */
export function huffmanDecode(bytes: Buffer, from: number, to: number): string | null {
  made ??= automaton();
  const { steps, ends } = made;
  const most = Math.ceil((to - from) * MOST_GROWTH) + 1;
  if (most > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * most);
  const out = scratch;
  let state = 0;
  let length = 0;
  for (let at = from; at < to; at++) {
    const done = steps[(state << 8) | (bytes[at] ?? 0)] ?? FAIL;
    state = done & 0xff;
    const count = (done >>> 8) & 3;
    if (count === 0) continue;
    if (count === 3) return null;
    out[length++] = (done >>> 16) & 0xff;
    if (count === 2) out[length++] = done >>> 24;
  }
  return ends[state] === 1 ? out.toString("latin1", 0, length) : null;
}
