// The process behind the kind `mock`: node mock-main.js FOLDER RECORDING [--service S] [--timing] [--any-body], listening at
// HOST:PORT.
import { parseArgs } from "node:util";
import type { HttpExchange } from "../../capture/exchange.ts";
import { isFault } from "../../fault/fault.ts";
import { withoutCredentials } from "../../inspect/recording/without-credentials.ts";
import { listen } from "../../machine/listen.ts";
import { answersOf } from "./answer.ts";
import { mockServer } from "./mock-server.ts";
import { mockSource } from "./mock-source.ts";
import type { Asked } from "./request-key.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { service: { type: "string" }, timing: { type: "boolean" }, "any-body": { type: "boolean" } },
});
const [folder = "", from = ""] = positionals;
const source = mockSource({ folder, from, service: values.service });
if (isFault(source)) {
  console.error(`${source.message}${source.hint === undefined ? "" : `; ${source.hint}`}`);
  process.exit(1);
}
const { label, more, service, exchanges } = source;
// Credentials are hidden in the recording, so they are hidden in requests too before comparing.
const hide = (asked: Asked): Asked =>
  withoutCredentials({
    ...(exchanges[0] as HttpExchange),
    ...asked,
    responseBody: null,
    messages: null,
  }) as HttpExchange;
const answers = answersOf(exchanges, { anyBody: values["any-body"] === true, hide });
const server = mockServer({ answers, source: label, more, timing: values.timing === true, log: console.log });

const { HOST = "127.0.0.1", PORT = "0" } = process.env;
const at = await listen(server, { host: HOST, port: Number(PORT) }, { taken: "end that process, then: cove restart" });
if (isFault(at)) {
  console.error(`${at.message}\n${at.hint}`);
  process.exit(1);
}
console.log(`answers for ${service} from ${label}: ${answers.size} requests known`);
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
