import { expect, test, vi } from "vitest";
import { fault } from "../../fault/fault.ts";
import { shownBytes, shownCause, shownLine } from "./shown.ts";

test("a cause is hidden to its last line, and stays itself where nothing is to be hidden", () => {
  const lines = ["connecting to postgres://ann:geheim@h/shop"];
  const cause = fault("SERVICE_CRASHED", `api ended\n  ${lines[0]}`, "see http://u:geheim@h", { lines });
  expect(JSON.stringify(shownCause(cause))).not.toContain("geheim");
  const plain = fault("SERVICE_CRASHED", "see http://web.shop.localhost");
  expect(shownCause(plain)).toBe(plain);
});

test("a password among a JDBC URL's parameters is hidden, too", () => {
  const line = "HikariPool: jdbc:postgresql://127.0.0.1:61000/shop?user=ann&password=ge%27heim&ssl=false opened";
  expect(shownLine(line)).toBe(line.replace("ge%27heim", "••••••"));
});

test.each([
  ["in one piece", ["at postgres://ann:geheim@h/shop ok\n"]],
  ["cut in two", ["at postgres://ann:ge", "heim@h/shop ok\n"]],
  ["byte by byte", [..."at postgres://ann:geheim@h/shop ok\n"]],
])("a password in output is hidden: %s", (_, pieces) => {
  let said = "";
  const show = shownBytes((bytes) => {
    said += bytes.toString();
  });
  for (const piece of pieces) show(Buffer.from(piece));
  expect(said).toBe("at postgres://ann:••••••@h/shop ok\n");
});

test("bytes that are no text stay, and the beginning of a URL isn't held for long", async () => {
  const said: Buffer[] = [];
  const show = shownBytes((bytes) => said.push(bytes));
  const bytes = Buffer.from([0, 255, 128, 10, 27]);
  show(bytes);
  expect(Buffer.concat(said)).toEqual(bytes);
  show(Buffer.from("open http://h"));
  await vi.waitFor(() => expect(Buffer.concat(said).toString("latin1")).toContain("http://h"));
});
