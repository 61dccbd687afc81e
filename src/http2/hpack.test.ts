import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Field } from "./field.ts";
import { type Decoded, hpackDecoder } from "./hpack-decoder.ts";
import { encodeField, encodeLines } from "./hpack-encoder.ts";
import { huffmanCodes, huffmanDecode } from "./huffman.ts";
import { blocksOfNode, judgeOfNode } from "./nodes-http2.fixture.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");

function decode(decoder: ReturnType<typeof hpackDecoder>, block: Buffer): { done: Decoded; fields: string[] } {
  const fields: string[] = [];
  const done = decoder.decode(block, 0, block.length, ({ name, value }) => fields.push(`${name}: ${value}`));
  return { done, fields };
}

const GET = [":method: GET", ":scheme: http", ":path: /", ":authority: www.example.com"];
const CUSTOM = [":method: GET", ":scheme: https", ":path: /index.html", ":authority: www.example.com"];
const DATE = (second: number) => `date: Mon, 21 Oct 2013 20:13:${second} GMT`;
const MOVED = ["cache-control: private", DATE(21), "location: https://www.example.com"];
const LAST = [
  ...[":status: 200", "cache-control: private", DATE(22), "location: https://www.example.com"],
  ...["content-encoding: gzip", "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
];

type Step = [block: string, fields: string[], tableSize: number];
const SERIES: [name: string, tableSize: number, steps: Step[]][] = [
  ["C.2.1", 4096, [["400a637573746f6d2d6b65790d637573746f6d2d686561646572", ["custom-key: custom-header"], 55]]],
  ["C.2.2", 4096, [["040c2f73616d706c652f70617468", [":path: /sample/path"], 0]]],
  ["C.2.3", 4096, [["100870617373776f726406736563726574", ["password: secret"], 0]]],
  ["C.2.4", 4096, [["82", [":method: GET"], 0]]],
  [
    "C.3, requests without Huffman",
    4096,
    [
      ["828684410f7777772e6578616d706c652e636f6d", GET, 57],
      ["828684be58086e6f2d6361636865", [...GET, "cache-control: no-cache"], 110],
      ["828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565", [...CUSTOM, "custom-key: custom-value"], 164],
    ],
  ],
  [
    "C.4, requests with Huffman",
    4096,
    [
      ["828684418cf1e3c2e5f23a6ba0ab90f4ff", GET, 57],
      ["828684be5886a8eb10649cbf", [...GET, "cache-control: no-cache"], 110],
      ["828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf", [...CUSTOM, "custom-key: custom-value"], 164],
    ],
  ],
  [
    "C.5, responses without Huffman",
    256,
    [
      [
        `4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54
         6e1768747470733a2f2f7777772e6578616d706c652e636f6d`,
        [":status: 302", ...MOVED],
        222,
      ],
      ["4803333037c1c0bf", [":status: 307", ...MOVED], 222],
      [
        `88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d
         4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b20766572
         73696f6e3d31`,
        LAST,
        215,
      ],
    ],
  ],
  [
    "C.6, responses with Huffman",
    256,
    [
      [
        `488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b
         97c8e9ae82ae43d3`,
        [":status: 302", ...MOVED],
        222,
      ],
      ["4883640effc1c0bf", [":status: 307", ...MOVED], 222],
      [
        `88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdf
         cd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007`,
        LAST,
        215,
      ],
    ],
  ],
];

describe("RFC 7541, Appendix C", () => {
  test.each(SERIES)("%s", (_, tableSize, steps) => {
    const decoder = hpackDecoder(4096, tableSize);
    for (const [block, fields, size] of steps) {
      expect(decode(decoder, hex(block))).toEqual({ done: "ok", fields });
      expect(decoder.tableSize()).toBe(size);
    }
  });

  test("C.2.2 and C.2.4, encoded", () => {
    expect(Buffer.from(encodeField(":path", "/sample/path"), "latin1")).toEqual(hex("040c2f73616d706c652f70617468"));
    expect(Buffer.from(encodeField(":method", "GET"), "latin1")).toEqual(hex("82"));
  });
});

/** The Huffman code's other direction. */
function huffmanEncode(text: string): Buffer {
  const codes = new Map(huffmanCodes().map((code) => [code.symbol, code]));
  let bits = "";
  for (const byte of Buffer.from(text, "latin1")) {
    const { code = 0, length = 0 } = codes.get(byte) ?? {};
    bits += code.toString(2).padStart(length, "0");
  }
  bits += "1".repeat((8 - (bits.length % 8)) % 8);
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

const latin1 = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString("latin1"));

describe("the Huffman code", () => {
  test("is the RFC's: its shortest, its longest and the end of a string", () => {
    const codes = huffmanCodes();
    expect(codes).toHaveLength(257);
    expect(codes.find(({ symbol }) => symbol === 48)).toEqual({ symbol: 48, code: 0x0, length: 5 });
    expect(codes.find(({ symbol }) => symbol === 10)).toEqual({ symbol: 10, code: 0x3ffffffc, length: 30 });
    expect(codes.find(({ symbol }) => symbol === 256)).toEqual({ symbol: 256, code: 0x3fffffff, length: 30 });
    expect(codes.find(({ symbol }) => symbol === 203)).toEqual({ symbol: 203, code: 0x7ffffde, length: 27 });
  });

  test("decodes what it encodes", () => {
    fc.assert(
      fc.property(latin1, (text) => {
        const coded = huffmanEncode(text);
        expect(huffmanDecode(coded, 0, coded.length)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ["eight bits of padding", "ff"],
    ["a symbol and eight bits of padding", "1fff"],
    ["a symbol and 24 bits of padding", "1fffffff"],
    ["padding that isn't ones", "00"],
    ["padding that is part of a symbol", "52bc30ffffffff"],
    ["the end of a string", "ffffffff"],
    ["the end of a string and more", "fffffffc"],
  ])("refuses %s", (_, text) => {
    const bytes = hex(text);
    expect(huffmanDecode(bytes, 0, bytes.length)).toBeNull();
  });
});

describe("a block that breaks the rules", () => {
  test.each([
    ["index 0", "80"],
    ["an index that nothing has", "be"],
    ["a literal whose name has an index that nothing has", "7e0161"],
    ["an integer that doesn't end", "ff"],
    ["an integer that is absurd", "ffffffffffffffffff01"],
    ["a string that is longer than the block", "400a61"],
    ["a literal without its value", "400161"],
    ["a size of the table over the limit", "3fe21f"],
    ["a change of the table's size behind a field", "8220"],
    ["padding of a Huffman string over seven bits", "008461ffffff0161"],
  ])("%s", (_, block) => {
    expect(decode(hpackDecoder(4096), hex(block)).done).toBe("broken");
  });

  test("a change of the table's size is taken, twice too, and empties it", () => {
    const decoder = hpackDecoder(4096);
    decode(decoder, hex("400a637573746f6d2d6b65790d637573746f6d2d686561646572"));
    expect(decode(decoder, hex("203fe11f82"))).toEqual({ done: "ok", fields: [":method: GET"] });
    expect(decoder.tableSize()).toBe(0);
  });

  test("one field larger than the table empties it", () => {
    const decoder = hpackDecoder(65_536, 64);
    decode(decoder, hex("400a637573746f6d2d6b65790d637573746f6d2d686561646572"));
    expect(decoder.tableSize()).toBe(55);
    const large = Buffer.concat([hex("4001617f21"), Buffer.alloc(160, "x")]);
    expect(decode(decoder, large).done).toBe("ok");
    expect(decoder.tableSize()).toBe(0);
  });
});

describe("a bomb", () => {
  test("of references to one large entry costs its own length, and hands nothing on beyond the bound", () => {
    const decoder = hpackDecoder(16_384);
    const entry = Buffer.concat([hex("4001617fa11e"), Buffer.alloc(4_000, "x")]);
    expect(decode(decoder, entry).done).toBe("ok");
    let taken = 0;
    const bomb = Buffer.alloc(60_000, 0xbe);
    expect(decoder.decode(bomb, 0, bomb.length, (field: Field) => (taken += field.size))).toBe("too large");
    expect(taken).toBeLessThanOrEqual(16_384);
    expect(decoder.tableSize()).toBeLessThanOrEqual(4_096);
    expect(decode(decoder, hex("be")).fields[0]).toHaveLength(4_003);
  });

  test("of entries keeps no more than the table's size", () => {
    const decoder = hpackDecoder(16_384);
    for (let n = 0; n < 200; n++) {
      const block = Buffer.concat(Array.from({ length: 500 }, () => hex("4001610162")));
      expect(decode(decoder, block).done).toBe("too large");
      expect(decoder.tableSize()).toBeLessThanOrEqual(4_096);
    }
  });
});

const names = fc.oneof(
  fc.constantFrom("accept", "cookie", "cache-control", "x-request-id", "link"),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).map((name) => `x-${name}`),
);
const values = fc.oneof(
  fc.constantFrom("*/*", "gzip, deflate", "a=b", ""),
  fc.stringMatching(/^[!-~][ -~]{0,60}[!-~]$/),
);
const lists = fc.array(fc.record({ name: names, value: values }), { maxLength: 12 });

describe("beside nghttp2 (node:http2)", () => {
  test("decodes what it encodes, with its table and Huffman strings, over whole connections", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(lists, { minLength: 1, maxLength: 8 }), async (requests) => {
        const decoder = hpackDecoder(1_000_000);
        const expected = requests.map((fields) => [
          ...[":method: GET", ":path: /", ":scheme: http", ":authority: x"],
          ...fields.map(({ name, value }) => `${name}: ${value}`),
        ]);
        const blocks = await blocksOfNode(requests);
        for (const [n, block] of blocks.entries()) {
          const { done, fields } = decode(decoder, block);
          expect(done).toBe("ok");
          expect([...fields].sort()).toEqual([...(expected[n] ?? [])].sort());
        }
      }),
      { numRuns: 150 },
    );
  });

  test("agrees on which blocks are broken", async () => {
    const [seed] = await blocksOfNode([[{ name: "x-a", value: "some value that is coded" }]]);
    const edits = fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const random = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const edited = edits.map((list) => {
      const block = Buffer.from(seed ?? "");
      for (const [at, byte] of list) block[at % block.length] = byte;
      return block;
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(edited, random), async (block) => {
        const { done } = decode(hpackDecoder(1_000_000), block);
        expect(done === "broken").toBe((await judgeOfNode(block)) === "broken");
      }),
      { numRuns: 1_000 },
    );
  });

  test("what the encoder makes is what the other side reads", () => {
    fc.assert(
      fc.property(lists, (fields) => {
        const lines = fields.map(({ name, value }) => `${name.toUpperCase()}:  ${value} \r\n`).join("");
        const block = Buffer.from(encodeField(":status", "200") + encodeLines(lines), "latin1");
        const expected = [":status: 200", ...fields.map(({ name, value }) => `${name}: ${value}`)];
        expect(decode(hpackDecoder(1_000_000), block)).toEqual({ done: "ok", fields: expected });
      }),
    );
  });
});
