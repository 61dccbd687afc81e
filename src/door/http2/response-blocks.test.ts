import fc from "fast-check";
import { expect, test } from "vitest";
import { hpackDecoder } from "../../http2/hpack-decoder.ts";
import { responseBlock } from "./response-blocks.ts";

test("a head's block means the same whatever heads came before it", () => {
  const line = fc.constantFrom(
    "A: 1\r\n",
    "A: 2\r\n",
    "a-long: value\r\n",
    "B: \r\n",
    "Connection: x\r\n",
    "Set-Cookie: a\r\n",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(200, 204, 304, 599), fc.array(line, { maxLength: 80 }))), (heads) => {
      for (const [status, lines] of heads) {
        const block = Buffer.from(responseBlock(status, lines.join("")), "latin1");
        const fields: string[] = [];
        hpackDecoder(1_000_000).decode(block, 0, block.length, ({ name, value }) => fields.push(`${name}: ${value}`));
        const expected = lines
          .filter((one) => !one.startsWith("Connection"))
          .map((one) => `${one.split(":")[0]?.toLowerCase()}: ${one.slice(one.indexOf(":") + 2, -2)}`);
        expect(fields).toEqual([`:status: ${status}`, ...expected]);
      }
    }),
  );
});
