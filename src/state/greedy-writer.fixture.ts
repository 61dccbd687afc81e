// Writes without a pause between its transactions until it is killed: node greedy-writer.fixture.ts <hold, ms>
import { orThrow } from "../fault/fault.ts";
import { setSetting } from "./settings.ts";
import { openState } from "./state.ts";

const [hold = "5"] = process.argv.slice(2);
const state = orThrow(openState());
const never = new Int32Array(new SharedArrayBuffer(4));
console.log("writing");
for (let n = 0; ; n++) {
  state.transaction(() => {
    setSetting(state, "greedy", n);
    Atomics.wait(never, 0, 0, Number(hold));
    return null;
  });
}
